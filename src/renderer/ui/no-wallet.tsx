import { hrefTo } from '../lib/route.ts'
import { buttonClass } from './button.tsx'
import { Empty } from './page.tsx'
import { WheelTop } from './wheel.tsx'

/** Stands where a wallet is needed and there is none yet. */
export function NoWallet({ to }: { readonly to: string }) {
  return (
    <Empty
      title="You have no wallet yet"
      art={<WheelTop smell="no wallet" size={64} />}
      action={
        <a href={hrefTo('welcome')} className={buttonClass('primary')}>
          Make or restore a wallet
        </a>
      }
    >
      A wallet is needed to {to}. Making one takes two minutes and a sheet of paper.
    </Empty>
  )
}

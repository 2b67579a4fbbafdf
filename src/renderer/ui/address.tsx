import { count, short } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { cx } from './classes.ts'
import { WedgeAvatar } from './wedge.tsx'

export const linkClass = 'text-accent-text underline-offset-2 hover:underline'
/** For a link in the midst of a sentence, which colour alone would not show. */
export const textLinkClass = 'text-accent-text underline underline-offset-2'

/** An address, short, as a link to its page in the explorer; with its name and wedge when asked for. */
export function AddressLink({ address, name, wedge = false }: { readonly address: string; readonly name?: string | null; readonly wedge?: boolean }) {
  return (
    <a href={hrefTo('stack', address)} title={address} className={cx('inline-flex max-w-full min-w-0 items-center gap-2 align-bottom', linkClass)}>
      {wedge && <WedgeAvatar of={address} size={24} />}
      {name ? <span className="truncate">{name}</span> : <span className="mono truncate text-[13px]">{short(address)}</span>}
    </a>
  )
}

/** A smell or transfer id, short, as a link to its page in the explorer. */
export function HashLink({ hash, full = false }: { readonly hash: string; readonly full?: boolean }) {
  return (
    <a href={hrefTo('stack', hash)} title={hash} className={cx('mono text-[13px]', full ? 'break-all' : 'whitespace-nowrap', linkClass)}>
      {full ? hash : short(hash, 8, 8)}
    </a>
  )
}

/** A height as a link to its cheese. */
export function HeightLink({ height }: { readonly height: number }) {
  return (
    <a href={hrefTo('stack', String(height))} className={cx('mono whitespace-nowrap', linkClass)}>
      #{count(height)}
    </a>
  )
}

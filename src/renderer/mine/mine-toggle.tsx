import { Pickaxe, Square } from 'lucide-react'
import { codeOf } from '../lib/failure.ts'
import { useAction } from '../live.ts'
import { Button } from '../ui/button.tsx'
import { askConsent, switchMining, useMining } from './use-mining.ts'

/** Mining on or off. The first time, it asks before anything begins. */
export function MineToggle({ size = 'normal' }: { readonly size?: 'normal' | 'large' }) {
  const mining = useMining()
  const action = useAction(async (next: boolean) => {
    try {
      await switchMining(next)
    } catch (error) {
      // Agreed to in this window's eyes only, for instance because the data folder was put back: it is asked again.
      if (codeOf(error) !== 'CONSENT_NEEDED') throw error
      askConsent()
    }
  })
  const on = mining?.on ?? false
  const click = () => (on || mining?.consented ? void action.run(!on) : askConsent())
  return (
    <div className="flex flex-col items-start gap-2">
      <Button
        look={on ? 'plain' : 'primary'}
        size={size}
        icon={on ? Square : Pickaxe}
        busy={action.busy}
        disabled={!mining?.address}
        aria-pressed={on}
        data-testid="mine-toggle"
        data-on={on}
        onClick={click}
        className="min-w-40"
      >
        {on ? 'Stop mining' : 'Mine cheese'}
      </Button>
      {action.error && (
        <p role="alert" className="max-w-60 text-[13px] text-bad">
          {action.error}
        </p>
      )}
    </div>
  )
}

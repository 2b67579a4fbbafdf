import { Pickaxe, Square } from 'lucide-react'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { onMining, useApp } from '../store.ts'
import { Button } from '../ui/button.tsx'

interface MineToggleProps {
  readonly size?: 'normal' | 'large'
  /** Threads to mine with; as before when left out. */
  readonly threads?: number | undefined
}

/** Mining on or off. */
export function MineToggle({ size = 'normal', threads }: MineToggleProps) {
  const mining = useApp((state) => state.status?.mining)
  const action = useAction(async (on: boolean) =>
    onMining(await api.mining.set({ on, ...(on ? { consent: true } : {}), ...(threads === undefined ? {} : { threads }) })),
  )
  const on = mining?.on ?? false
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
        onClick={() => void action.run(!on)}
        className="min-w-36"
      >
        {on ? 'Stop mining' : 'Mine'}
      </Button>
      {action.error && (
        <p role="alert" className="text-[13px] text-bad">
          {action.error}
        </p>
      )}
    </div>
  )
}

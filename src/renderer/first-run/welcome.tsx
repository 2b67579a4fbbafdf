import { useApp } from '../store.ts'
import { Button } from '../ui/button.tsx'
import { StepTitle } from './frame.tsx'

interface WelcomeProps {
  readonly onCreate: () => void
  readonly onRestore: () => void
  readonly onLeave: () => void
}

/** The first question. */
export function Welcome({ onCreate, onRestore, onLeave }: WelcomeProps) {
  const network = useApp((state) => state.status?.network)
  return (
    <>
      <StepTitle title="Welcome to Cheese Stack">
        Earn cheese by mining, send it to members who are online, and keep your own copy of the whole cheese stack. Your wallet lives on this computer: no
        account, no company, nobody who could give a lost one back.
      </StepTitle>
      {network !== undefined && network !== 'main' && (
        <p className="mb-6 rounded-lg border border-line bg-surface px-4 py-3 text-ink-2">
          This is the <strong className="text-info">{network}</strong> network: its cheese is for trying things and worth nothing.
        </p>
      )}
      <div className="flex flex-col gap-3">
        <Button look="primary" size="large" data-testid="create-wallet" onClick={onCreate}>
          Make a new wallet
        </Button>
        <Button size="large" data-testid="restore-wallet" onClick={onRestore}>
          Restore one from its words
        </Button>
        <Button look="ghost" data-testid="look-around" onClick={onLeave}>
          Look around first
        </Button>
      </div>
    </>
  )
}

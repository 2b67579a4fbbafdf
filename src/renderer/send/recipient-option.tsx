import { TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { short } from '../lib/format.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/classes.ts'
import { WedgeAvatar } from '../ui/wedge.tsx'
import type { Recipient } from './recipients.ts'

interface RecipientOptionProps {
  readonly id: string
  readonly recipient: Recipient
  readonly active: boolean
  readonly onChoose: () => void
}

/** One line of the list of those who can be paid. */
export function RecipientOption({ id, recipient, active, onChoose }: RecipientOptionProps) {
  const unpayable = recipient.address === null
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (active) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys go to the combobox, which points here by aria-activedescendant
    <div
      ref={ref}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-disabled={unpayable}
      data-testid={`${recipient.kind}-option-${recipient.name}`}
      onClick={onChoose}
      className={cx(
        'flex items-center gap-3 border-b border-line px-3 py-2 last:border-b-0',
        active && 'bg-sunken',
        unpayable ? 'text-ink-3' : 'hover:bg-sunken',
      )}
    >
      <WedgeAvatar of={recipient.address ?? recipient.key} size={36} />
      <Who recipient={recipient} />
    </div>
  )
}

function Who({ recipient }: { readonly recipient: Recipient }) {
  return (
    <span className="min-w-0 flex-1">
      <span className="flex items-baseline justify-between gap-3">
        <span className="truncate font-medium">{recipient.name}</span>
        {recipient.address && <span className="mono shrink-0 text-[13px] text-ink-3">{short(recipient.address)}</span>}
      </span>
      <span className="block text-[13px] text-ink-3">{recipient.presence}</span>
      {recipient.warning && (
        <span className="mt-0.5 flex gap-1.5 text-[13px] text-warn">
          <TriangleAlert aria-hidden size={14} className="mt-0.5 shrink-0" />
          {recipient.warning}
        </span>
      )}
    </span>
  )
}

/** Who was picked, with a way back. */
export function ChosenRecipient({ recipient, onChange }: { readonly recipient: Recipient; readonly onChange: () => void }) {
  return (
    <div data-testid="send-chosen" className="flex items-center gap-4 rounded-lg border border-line bg-ground p-3">
      <WedgeAvatar of={recipient.address ?? recipient.key} size={48} />
      <Who recipient={recipient} />
      <Button size="small" onClick={onChange}>
        Change
      </Button>
    </div>
  )
}

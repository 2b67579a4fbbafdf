import { ChevronDown } from 'lucide-react'
import { useId } from 'react'
import type { MiningStatus } from '../../api/schemas.ts'
import { hashRate } from '../lib/format.ts'
import { kernelWords, missingKernels } from '../lib/mining.ts'
import { cx } from '../ui/classes.ts'
import { Working } from '../ui/working.tsx'
import { useSetting } from './use-mining.ts'

/** Which code searches: the fastest by itself, or one that the person picks. */
export function KernelPicker({ mining }: { readonly mining: MiningStatus }) {
  const { change, busy, error } = useSetting('kernelChoice')
  const missing = missingKernels(mining.kernels)
  const line = useId()
  const runs = kernelWords(mining.kernel).name
  return (
    <div data-testid="kernels" data-runs={mining.kernel}>
      <details className="group">
        <summary className="flex cursor-pointer list-none items-center justify-between gap-4 rounded-lg [&::-webkit-details-marker]:hidden">
          <span className="flex shrink-0 items-center gap-2 font-medium">
            Search kernel <Working show={busy} />
          </span>
          <span className="flex min-w-0 items-center gap-2 text-ink-2">
            <span className="truncate">{mining.kernelChoice === 'auto' ? `Automatic: ${runs}` : runs}</span>
            <ChevronDown aria-hidden size={16} className="shrink-0 transition-transform group-open:rotate-180" />
          </span>
        </summary>
        <fieldset aria-describedby={line} className="mt-3 overflow-hidden rounded-lg border border-line">
          <legend className="sr-only">Search kernel</legend>
          <Choice
            value="auto"
            name="Automatic"
            about="whichever is fastest here"
            rate=""
            checked={mining.kernelChoice === 'auto'}
            runs={false}
            onPick={change}
          />
          {mining.kernels.map((kernel) => (
            <Choice
              key={kernel.name}
              value={kernel.name}
              {...kernelWords(kernel.name)}
              rate={kernel.hashRate === null ? 'not measured' : hashRate(kernel.hashRate)}
              checked={mining.kernelChoice === kernel.name}
              runs={kernel.chosen}
              onPick={change}
            />
          ))}
        </fieldset>
        <p className="mt-1 text-[13px] text-ink-3">Rates are of one thread, measured on this computer.</p>
      </details>
      <p id={line} role={error ? 'alert' : undefined} className={cx('mt-1 min-h-5 text-[13px]', error ? 'text-bad' : 'text-ink-3')}>
        {error ?? missing ?? 'The code that makes the tries. All kernels find the same cheeses; some are faster.'}
      </p>
    </div>
  )
}

interface ChoiceProps {
  readonly value: string
  readonly name: string
  readonly about: string
  readonly rate: string
  readonly checked: boolean
  readonly runs: boolean
  readonly onPick: (value: string) => void
}

function Choice({ value, name, about, rate, checked, runs, onPick }: ChoiceProps) {
  return (
    <label className={cx('flex min-h-11 cursor-pointer items-center gap-3 border-b border-line px-3 py-1.5 last:border-b-0', checked && 'bg-sunken')}>
      <input
        type="radio"
        name="kernel"
        className="size-4 shrink-0 accent-accent"
        checked={checked}
        onChange={() => onPick(value)}
        data-testid={`kernel-${value}`}
      />
      <span className="min-w-0 flex-1">
        <span className="font-medium">{name}</span> <span className="text-[13px] text-ink-3">{about}</span>
      </span>
      {runs && <span className="rounded bg-good px-1.5 text-[11px] leading-4 font-semibold text-ground">runs</span>}
      <span className="mono text-right text-[13px] whitespace-nowrap text-ink-2">{rate}</span>
    </label>
  )
}

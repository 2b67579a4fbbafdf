import { Switch } from 'radix-ui'
import { type ReactNode, useId } from 'react'
import { cx } from './classes.ts'
import { Working } from './working.tsx'

interface SettingSwitchProps {
  readonly label: string
  /** A line under the label; what is wrong takes its place, so that nothing moves. */
  readonly hint: ReactNode
  readonly error: string | undefined
  readonly busy: boolean
  readonly on: boolean
  readonly onChange: (on: boolean) => void
  readonly testId: string
  /** Under the line, such as what belongs to it while it is on. */
  readonly children?: ReactNode
}

/** Something that is on or off, and takes effect at once. */
export function SettingSwitch({ label, hint, error, busy, on, onChange, testId, children }: SettingSwitchProps) {
  const id = useId()
  return (
    <div className="flex items-start justify-between gap-4">
      <div className="min-w-0">
        <label htmlFor={id} className="flex items-center gap-2 font-medium">
          {label} <Working show={busy} />
        </label>
        <p id={`${id}-line`} role={error ? 'alert' : undefined} className={cx('mt-0.5 min-h-5 text-[13px]', error ? 'text-bad' : 'text-ink-3')}>
          {error ?? hint}
        </p>
        {children}
      </div>
      <Switch.Root
        id={id}
        checked={on}
        onCheckedChange={onChange}
        aria-describedby={`${id}-line`}
        data-testid={testId}
        className="relative h-6 w-10 shrink-0 rounded-full border border-edge bg-sunken transition-colors data-[state=checked]:border-accent-text data-[state=checked]:bg-accent"
      >
        <Switch.Thumb className="block size-4 translate-x-[3px] rounded-full bg-edge transition-transform data-[state=checked]:translate-x-[19px] data-[state=checked]:bg-accent-ink" />
      </Switch.Root>
    </div>
  )
}

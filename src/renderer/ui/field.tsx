import { type InputHTMLAttributes, type ReactNode, useId } from 'react'
import { cx } from './classes.ts'

export const inputClass =
  'h-10 w-full rounded-lg border border-edge bg-surface px-3 text-ink placeholder:text-ink-3 disabled:opacity-60 aria-invalid:border-bad'

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'children'> {
  readonly label: string
  /** A line under the input; what is wrong takes its place, so that nothing moves. */
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly onText: (text: string) => void
  /** Beside the input, such as a button or a unit. */
  readonly after?: ReactNode
  readonly mono?: boolean
  readonly testId?: string
}

/** A labelled text input with a line for its hint or its error. */
export function Field({ label, hint, error, onText, after, mono = false, testId, className, ...input }: FieldProps) {
  const id = useId()
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          data-testid={testId}
          className={cx(inputClass, mono && 'mono')}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-line`}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onText(event.target.value)}
          {...input}
        />
        {after}
      </div>
      <p id={`${id}-line`} role={error ? 'alert' : undefined} className={cx('mt-1 min-h-5 text-[13px]', error ? 'text-bad' : 'text-ink-3')}>
        {error ?? hint}
      </p>
    </div>
  )
}

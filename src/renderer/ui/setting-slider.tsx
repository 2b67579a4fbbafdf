import { Slider } from 'radix-ui'
import { type ReactNode, useId, useState } from 'react'
import { cx } from './classes.ts'
import { Working } from './working.tsx'

interface SettingSliderProps {
  readonly label: string
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly value: number
  /** The value in words, for the eye and for a screen reader. */
  readonly words: (value: number) => string
  /** A line under the slider; what is wrong takes its place, so that nothing moves. */
  readonly hint: ReactNode
  readonly error: string | undefined
  readonly busy: boolean
  readonly onChange: (value: number) => void
  readonly testId: string
}

/** A labelled slider. It follows the hand at once, and tells what was chosen when the hand lets go. */
export function SettingSlider({ label, min, max, step = 1, value, words, hint, error, busy, onChange, testId }: SettingSliderProps) {
  const id = useId()
  const [moving, setMoving] = useState<number>()
  const shown = moving ?? value
  return (
    <div>
      <div className="mb-2 flex items-center justify-between gap-4">
        <span id={id} className="flex items-center gap-2 font-medium">
          {label} <Working show={busy} />
        </span>
        <span className="text-ink-2 tabular-nums" data-testid={`${testId}-value`} data-value={shown}>
          {words(shown)}
        </span>
      </div>
      <Slider.Root
        className="relative flex h-6 touch-none items-center data-[disabled]:opacity-50"
        min={min}
        max={Math.max(max, min)}
        step={step}
        value={[shown]}
        disabled={max <= min}
        onValueChange={([next]) => setMoving(next)}
        onValueCommit={([next]) => {
          setMoving(undefined)
          if (next !== undefined && next !== value) onChange(next)
        }}
      >
        <Slider.Track className="relative h-1.5 grow rounded-full bg-line">
          <Slider.Range className="absolute h-full rounded-full bg-accent" />
        </Slider.Track>
        <Slider.Thumb
          aria-labelledby={id}
          aria-valuetext={words(shown)}
          aria-describedby={`${id}-line`}
          data-testid={testId}
          className="block size-5 rounded-full border-2 border-accent-text bg-surface"
        />
      </Slider.Root>
      <p id={`${id}-line`} role={error ? 'alert' : undefined} className={cx('mt-1 min-h-5 text-[13px]', error ? 'text-bad' : 'text-ink-3')}>
        {error ?? hint}
      </p>
    </div>
  )
}

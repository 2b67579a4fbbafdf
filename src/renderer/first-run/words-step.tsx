import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { StepTitle } from './frame.tsx'

interface WordsStepProps {
  readonly words: readonly string[]
  readonly onBack: () => void
  readonly onNext: () => void
}

/** The words, numbered, to be written down. */
export function WordsStep({ words, onBack, onNext }: WordsStepProps) {
  return (
    <>
      <StepTitle step={1} of={3} title="Write these twelve words down">
        On paper, in this order. They are the wallet: with them it can be restored on any computer.
      </StepTitle>
      <WordGrid words={words} />
      <Notice kind="warning" className="my-6">
        Whoever has these words has your cheese. Whoever loses them and this computer loses it for good. Do not photograph them, and never type them anywhere
        but here.
      </Notice>
      <div className="flex justify-between gap-3">
        <Button look="ghost" onClick={onBack}>
          Back
        </Button>
        <Button look="primary" data-testid="words-written" onClick={onNext}>
          I have written them down
        </Button>
      </div>
    </>
  )
}

/** Twelve (or more) numbered words. */
export function WordGrid({ words }: { readonly words: readonly string[] }) {
  return (
    <ol className="grid grid-cols-3 gap-2 max-[560px]:grid-cols-2">
      {words.map((word, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a word is its place; the same one may come twice
        <li key={i} className="flex h-11 items-center gap-3 rounded-lg border border-line bg-surface px-3">
          <span aria-hidden className="mono w-5 text-right text-[13px] text-ink-3">
            {i + 1}
          </span>
          <span className="mono text-base font-medium" data-testid={`word-${i + 1}`}>
            {word}
          </span>
        </li>
      ))}
    </ol>
  )
}

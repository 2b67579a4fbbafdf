import { type FormEvent, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { StepTitle } from './frame.tsx'

interface AnswersStepProps {
  readonly words: readonly string[]
  /** Numbers of the words asked for, from 1. */
  readonly ask: readonly number[]
  readonly onBack: () => void
  readonly onNext: (answers: readonly string[]) => void
}

/** Three of the words, asked for by number: the proof that they were written down. */
export function AnswersStep({ words, ask, onBack, onNext }: AnswersStepProps) {
  const [given, setGiven] = useState<readonly string[]>(ask.map(() => ''))
  const [checked, setChecked] = useState(false)
  const clean = given.map((text) => text.trim().toLowerCase())
  const right = ask.map((number, i) => clean[i] === words[number - 1])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (right.every(Boolean)) onNext(clean)
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <StepTitle step={2} of={3} title="Three of them, from the paper">
        Read them off what you wrote, so that you know the paper is right.
      </StepTitle>
      {ask.map((number, i) => (
        <Field
          key={number}
          label={`Word ${number}`}
          mono
          autoFocus={i === 0}
          autoCapitalize="off"
          testId={`answer-${i + 1}`}
          data-word-number={number}
          value={given[i] ?? ''}
          error={checked && !right[i] ? `That is not word ${number}. Look at the paper, or go back and compare.` : undefined}
          onText={(text) => {
            setChecked(false)
            setGiven(given.map((old, j) => (j === i ? text : old)))
          }}
        />
      ))}
      <div className="mt-2 flex justify-between gap-3">
        <Button look="ghost" onClick={onBack}>
          Show the words again
        </Button>
        <Button look="primary" type="submit" data-testid="answers-next" disabled={clean.some((text) => text === '')}>
          Continue
        </Button>
      </div>
    </form>
  )
}

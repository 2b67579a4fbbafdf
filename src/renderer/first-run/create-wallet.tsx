import { useEffect, useState } from 'react'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { AnswersStep } from './answers-step.tsx'
import { FinishStep } from './finish-step.tsx'
import { WordsStep } from './words-step.tsx'

interface Draft {
  readonly draft: string
  readonly words: readonly string[]
  readonly ask: readonly number[]
}

/** A new wallet: see the words, prove that they are written down, then passphrase and nickname. */
export function CreateWallet({ onBack }: { readonly onBack: () => void }) {
  const [draft, setDraft] = useState<Draft>()
  const [answers, setAnswers] = useState<readonly string[]>([])
  const [step, setStep] = useState<'words' | 'answers' | 'finish'>('words')
  const begin = useAction(async () => setDraft(await api.wallet.draft()))
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is shown
  useEffect(() => void begin.run(), [])
  if (!draft) {
    return begin.error ? (
      <div className="flex flex-col items-start gap-4">
        <Notice kind="error">{begin.error}</Notice>
        <Button onClick={onBack}>Back</Button>
      </div>
    ) : (
      <p role="status" className="text-ink-2">
        Drawing twelve words…
      </p>
    )
  }
  if (step === 'words') return <WordsStep words={draft.words} onBack={onBack} onNext={() => setStep('answers')} />
  if (step === 'answers') {
    return (
      <AnswersStep
        words={draft.words}
        ask={draft.ask}
        onBack={() => setStep('words')}
        onNext={(given) => {
          setAnswers(given)
          setStep('finish')
        }}
      />
    )
  }
  return (
    <FinishStep
      step={3}
      title="Passphrase and nickname"
      finish={(passphrase, nickname) => api.wallet.create({ draft: draft.draft, answers: [...answers], passphrase, nickname })}
      onBack={() => setStep('answers')}
    />
  )
}

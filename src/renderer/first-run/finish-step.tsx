import { type FormEvent, type ReactNode, useState } from 'react'
import { strengthOf } from '../lib/passphrase.ts'
import { go } from '../lib/route.ts'
import { useAction } from '../live.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/classes.ts'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { StepTitle } from './frame.tsx'

interface FinishStepProps {
  readonly step?: number
  readonly title: string
  readonly finish: (passphrase: string, nickname: string) => Promise<unknown>
  readonly onBack: () => void
  /** Fields of its own before passphrase and nickname. */
  readonly children?: ReactNode
  readonly ready?: boolean
}

/** Passphrase twice, nickname, and the wallet is made. */
export function FinishStep({ step, title, finish, onBack, children, ready = true }: FinishStepProps) {
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [nickname, setNickname] = useState('')
  const [made, setMade] = useState(false)
  const action = useAction(finish)
  const differs = again !== '' && again !== passphrase
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (differs || again === '') return
    if (await action.run(passphrase, nickname.trim())) {
      setMade(true)
      go('overview')
    }
  }
  const complete = ready && passphrase !== '' && again !== '' && !differs && nickname.trim() !== ''
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
      <StepTitle {...(step ? { step, of: 3 } : {})} title={title}>
        {step
          ? 'The passphrase locks the wallet on this computer. It cannot be asked for anywhere: if you forget it, the words bring the wallet back.'
          : undefined}
      </StepTitle>
      {children}
      <Field
        label="Passphrase"
        type="password"
        testId="passphrase"
        value={passphrase}
        onText={setPassphrase}
        autoComplete="new-password"
        hint={<StrengthLine passphrase={passphrase} />}
      />
      <Field
        label="The same again"
        type="password"
        testId="passphrase-again"
        value={again}
        onText={setAgain}
        autoComplete="new-password"
        error={differs ? 'The two are not the same.' : undefined}
      />
      <Field
        label="Nickname"
        testId="nickname"
        value={nickname}
        onText={setNickname}
        maxLength={32}
        hint="Other members see this name beside your address. It can be changed later."
      />
      {action.error && (
        <Notice kind="error" className="mb-4">
          {action.error}
        </Notice>
      )}
      <div className="mt-2 flex justify-between gap-3">
        <Button look="ghost" onClick={onBack}>
          Back
        </Button>
        <Button look="primary" type="submit" data-testid="finish-wallet" disabled={!complete} busy={action.busy || made}>
          Make my wallet
        </Button>
      </div>
    </form>
  )
}

const BAR = ['bg-line', 'bg-bad', 'bg-warn', 'bg-info', 'bg-good'] as const

/** How strong the passphrase is, in four bars and one sentence. */
export function StrengthLine({ passphrase }: { readonly passphrase: string }) {
  const strength = strengthOf(passphrase)
  return (
    <span className="flex items-start gap-3">
      <span aria-hidden className="mt-2 flex shrink-0 gap-1">
        {[1, 2, 3, 4].map((level) => (
          <span key={level} className={cx('h-1 w-5 rounded-full', level <= strength.level ? BAR[strength.level] : 'bg-line')} />
        ))}
      </span>
      {strength.text}
    </span>
  )
}

import { useId, useState } from 'react'
import { counted } from '../lib/format.ts'
import { api } from '../session.ts'
import { cx } from '../ui/classes.ts'
import { inputClass } from '../ui/field.tsx'
import { FinishStep } from './finish-step.tsx'

/** A wallet from its words. */
export function RestoreWallet({ onBack }: { readonly onBack: () => void }) {
  const [words, setWords] = useState('')
  const id = useId()
  const list = words.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return (
    <FinishStep
      title="Restore a wallet from its words"
      ready={list.length > 0}
      onBack={onBack}
      finish={(passphrase, nickname) => api.wallet.restore({ words: list.join(' '), passphrase, nickname })}
    >
      <div className="mb-3">
        <label htmlFor={id} className="mb-1 block font-medium">
          The words, in order
        </label>
        <textarea
          id={id}
          rows={3}
          data-testid="restore-words"
          className={cx(inputClass, 'mono h-auto resize-none py-2 leading-6')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          aria-describedby={`${id}-line`}
        />
        <p id={`${id}-line`} className="mt-1 min-h-5 text-[13px] text-ink-3">
          {list.length === 0 ? 'With a space between each. The passphrase below is a new one for this computer.' : `${counted(list.length, 'word')} so far.`}
        </p>
      </div>
    </FinishStep>
  )
}

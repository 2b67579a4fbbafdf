import { type FormEvent, useState } from 'react'
import { WordGrid } from '../first-run/words-step.tsx'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card } from '../ui/page.tsx'

/** Shows the words, after the passphrase. */
export function WordsCard() {
  const [passphrase, setPassphrase] = useState('')
  const [words, setWords] = useState<readonly string[]>()
  const action = useAction(async () => {
    setWords((await api.wallet.words({ passphrase })).words)
    setPassphrase('')
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void action.run()
  }
  return (
    <Card title="Words" className="pb-4">
      {words ? (
        <>
          <WordGrid words={words} />
          <Notice kind="warning" className="my-4">
            Whoever sees these words can take your cheese. Write them on paper, compare, and hide them again.
          </Notice>
          <Button onClick={() => setWords(undefined)} data-testid="hide-words">
            Hide the words
          </Button>
        </>
      ) : (
        <form onSubmit={submit}>
          <Field
            label="Passphrase"
            type="password"
            testId="words-passphrase"
            autoComplete="current-password"
            value={passphrase}
            error={action.error}
            hint="The words restore the wallet on any computer. Make sure that nobody looks over your shoulder."
            onText={(text) => {
              action.clear()
              setPassphrase(text)
            }}
            after={
              <Button type="submit" busy={action.busy} disabled={passphrase === ''} data-testid="show-words">
                Show the words
              </Button>
            }
          />
        </form>
      )}
    </Card>
  )
}

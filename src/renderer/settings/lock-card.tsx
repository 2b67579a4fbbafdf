import { Lock, LockOpen } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card } from '../ui/page.tsx'

const MINUTES = 15

/** Locks the wallet, or keeps it open for a while. */
export function LockCard({ locked }: { readonly locked: boolean }) {
  const [passphrase, setPassphrase] = useState('')
  const unlock = useAction(() => api.wallet.unlock({ passphrase, seconds: MINUTES * 60 }))
  const lock = useAction(() => api.wallet.lock())
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (await unlock.run()) setPassphrase('')
  }
  return (
    <Card title="Lock" className="pb-3">
      {locked ? (
        <form onSubmit={(event) => void submit(event)}>
          <Field
            label="Passphrase"
            type="password"
            testId="unlock-passphrase"
            autoComplete="current-password"
            value={passphrase}
            error={unlock.error}
            hint={`Locked: each payment asks for the passphrase. Unlocked, none is asked for ${MINUTES} minutes.`}
            onText={(text) => {
              unlock.clear()
              setPassphrase(text)
            }}
            after={
              <Button type="submit" icon={LockOpen} busy={unlock.busy} disabled={passphrase === ''} data-testid="unlock">
                Unlock
              </Button>
            }
          />
        </form>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-4 pb-2">
          <p className="text-ink-2">Open: payments are signed without asking for the passphrase. Mining goes on when it is locked.</p>
          <Button icon={Lock} busy={lock.busy} onClick={() => void lock.run()} data-testid="lock">
            Lock now
          </Button>
          {lock.error && <Notice kind="error">{lock.error}</Notice>}
        </div>
      )}
    </Card>
  )
}

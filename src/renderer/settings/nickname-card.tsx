import { type FormEvent, useState } from 'react'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Card } from '../ui/page.tsx'

/** The name that others see. Signed by the wallet's key, so a locked wallet asks for the passphrase. */
export function NicknameCard({ nickname, locked }: { readonly nickname: string; readonly locked: boolean }) {
  const [name, setName] = useState(nickname)
  const [passphrase, setPassphrase] = useState('')
  const [done, setDone] = useState(false)
  const action = useAction(() => api.wallet.nickname({ nickname: name.trim(), ...(locked ? { passphrase } : {}) }))
  const changed = name.trim() !== nickname && name.trim() !== ''
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setDone(await action.run())
    setPassphrase('')
  }
  return (
    <Card title="Nickname" className="pb-3">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
        <Field
          label="Others see you as"
          testId="settings-nickname"
          value={name}
          maxLength={32}
          error={locked ? undefined : action.error}
          hint={done && !changed ? 'Changed. Others see it within a minute.' : 'Signed by your wallet, so that nobody else can use it with your address.'}
          onText={setName}
          after={
            !locked && (
              <Button type="submit" busy={action.busy} disabled={!changed} data-testid="settings-nickname-save">
                Change
              </Button>
            )
          }
        />
        {locked && (
          <Field
            label="Passphrase"
            type="password"
            testId="settings-nickname-passphrase"
            autoComplete="current-password"
            value={passphrase}
            error={action.error}
            hint="The wallet is locked."
            onText={(text) => {
              action.clear()
              setPassphrase(text)
            }}
            after={
              <Button type="submit" busy={action.busy} disabled={!changed || passphrase === ''} data-testid="settings-nickname-save">
                Change
              </Button>
            }
          />
        )}
      </form>
    </Card>
  )
}

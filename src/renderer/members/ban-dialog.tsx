import { Ban } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { CheckBox } from '../ui/check-box.tsx'
import { cx } from '../ui/classes.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'

/** Who is to be refused: a member that is known, or whoever comes from an address that the person types. */
export interface BanSubject {
  readonly memberId: string
  readonly nickname: string
  /** IP address of its connection; undefined where there is none. */
  readonly address: string | undefined
}

const LENGTHS = [
  ['1 hour', 1],
  ['1 day', 24],
  ['1 week', 168],
  ['1 year', 8760],
] as const

interface BanDialogProps {
  readonly subject: BanSubject | undefined
  readonly onClose: () => void
  /** Told when the ban is in force. */
  readonly onBanned: () => void
}

/** Asks for how long and why somebody is refused, and does it. */
export function BanDialog({ subject, onClose, onBanned }: BanDialogProps) {
  const [hours, setHours] = useState(24)
  const [reason, setReason] = useState('')
  const [address, setAddress] = useState('')
  const [everybodyThere, setEverybodyThere] = useState(false)
  const name = useId()
  const ban = useAction(async () => {
    const whom = subject
      ? { memberId: subject.memberId, ...(everybodyThere && subject.address !== undefined ? { address: subject.address } : {}) }
      : { address: address.trim() }
    await api.peers.ban({ ...whom, hours, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) })
    onBanned()
    onClose()
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void ban.run()
  }
  return (
    <Dialog title={subject ? `Ban ${subject.nickname || 'this member'}?` : 'Ban an address'} onClose={onClose} describedBy={`${name}-what`}>
      <form onSubmit={submit} data-testid="ban-form" className="flex flex-col gap-4">
        <p id={`${name}-what`} className="text-ink-2">
          {subject
            ? 'The connection ends, and this member is refused from wherever it comes. Payments to and from it work all the same: they travel by others.'
            : 'Connections from there end, and everybody who comes from there is refused. That may be many members behind one router.'}
        </p>
        {!subject && (
          <Field
            label="IP address or range"
            mono
            testId="ban-address"
            placeholder="192.0.2.7 or 192.0.2.0/24"
            value={address}
            onText={(text) => {
              ban.clear()
              setAddress(text)
            }}
          />
        )}
        <fieldset>
          <legend className="mb-1 font-medium">For how long</legend>
          <div className="flex flex-wrap gap-2">
            {LENGTHS.map(([label, value]) => (
              <label
                key={label}
                className={cx(
                  'flex h-9 cursor-pointer items-center gap-2 rounded-lg border px-3',
                  hours === value ? 'border-accent-text bg-sunken font-medium' : 'border-edge',
                )}
              >
                <input type="radio" name={name} className="size-4 accent-accent" checked={hours === value} onChange={() => setHours(value)} />
                {label}
              </label>
            ))}
          </div>
        </fieldset>
        <Field label="Why" testId="ban-reason" maxLength={200} value={reason} hint="For you alone; it is shown in the list of bans." onText={setReason} />
        {subject?.address !== undefined && (
          <CheckBox checked={everybodyThere} onChange={setEverybodyThere} testId="ban-address-too">
            <span>
              Refuse everybody from <span className="mono text-[13px]">{subject.address}</span>, too
            </span>
          </CheckBox>
        )}
        {ban.error && (
          <p role="alert" className="text-[13px] text-bad">
            {ban.error}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose} data-testid="ban-no">
            Cancel
          </Button>
          <Button type="submit" look="danger" icon={Ban} busy={ban.busy} disabled={!subject && address.trim() === ''} data-testid="ban-yes">
            Ban
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

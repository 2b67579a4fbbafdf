import { X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useAction, useLive } from '../live.ts'
import { keptPeers } from '../queries.ts'
import { api } from '../session.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { CheckBox } from '../ui/check-box.tsx'
import { Field } from '../ui/field.tsx'
import { Card } from '../ui/page.tsx'

/** Dials a member by its address, and lists those that are kept. */
export function AddPeer() {
  const [endpoint, setEndpoint] = useState('')
  const [keep, setKeep] = useState(false)
  const [version, setVersion] = useState(0)
  const { data: kept } = useLive(keptPeers(version))
  const moved = () => setVersion((before) => before + 1)
  const add = useAction(async () => {
    try {
      await api.peers.connect({ endpoint: endpoint.trim(), keep })
    } finally {
      // One that does not answer now is kept all the same.
      moved()
    }
  })
  const forget = useAction(async (place: string) => {
    await api.peers.forget({ endpoint: place })
    moved()
  })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (endpoint.trim() !== '' && (await add.run())) setEndpoint('')
  }
  return (
    <Card title="Add a member by address">
      <form onSubmit={(event) => void submit(event)}>
        <Field
          label="HOST:PORT"
          mono
          testId="peer-endpoint"
          placeholder="192.0.2.7:9875"
          value={endpoint}
          error={add.error}
          hint="A member's own address, as it gives it to you. You are connected at once if it answers."
          onText={(text) => {
            add.clear()
            setEndpoint(text)
          }}
          after={
            <Button type="submit" busy={add.busy} disabled={endpoint.trim() === ''} data-testid="peer-connect">
              Connect
            </Button>
          }
        />
        <div className="mt-2">
          <CheckBox checked={keep} onChange={setKeep} testId="peer-keep">
            Keep it: dial it again whenever it is gone, after a restart too
          </CheckBox>
        </div>
      </form>
      {kept && kept.length > 0 && (
        <section aria-label="Addresses that are kept" className="mt-4 border-t border-line pt-4">
          <h3 className="font-medium">Kept</h3>
          {forget.error && <p className="text-[13px] text-bad">{forget.error}</p>}
          <ul className="mt-1.5 flex max-h-48 flex-wrap gap-2 overflow-y-auto" data-testid="kept-peers">
            {kept.map((place) => (
              <li key={place} className="flex max-w-full items-center rounded-lg bg-sunken pl-3">
                <span className="mono min-w-0 truncate text-[13px]">{place}</span>
                <IconButton icon={X} label={`Keep ${place} no more`} onClick={() => void forget.run(place)} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Card>
  )
}

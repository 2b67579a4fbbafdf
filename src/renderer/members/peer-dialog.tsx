import { Ban, Unplug } from 'lucide-react'
import type { ReactNode } from 'react'
import { offenceWords, relayWords } from '../../api/network-words.ts'
import type { PeerEntry } from '../../api/schemas-network.ts'
import { ago, bytes, count, duration, when } from '../lib/format.ts'
import { useAction, useNow } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Facts } from '../ui/facts.tsx'
import { Reputation } from './reputation.tsx'

interface PeerDialogProps {
  readonly peer: PeerEntry
  readonly onClose: () => void
  readonly onBan: () => void
}

/** Everything about one connection, and what can be done about it. */
export function PeerDialog({ peer, onClose, onBan }: PeerDialogProps) {
  const now = useNow(5)
  const disconnect = useAction(async () => {
    await api.peers.disconnect({ memberId: peer.memberId })
    onClose()
  })
  const relay = relayWords(peer.relay)
  return (
    <Dialog title={peer.nickname || 'A member without a name'} onClose={onClose} wide>
      <div className="flex flex-col gap-5" data-testid="peer-details">
        <Facts
          rows={[
            [
              'Member id',
              <span key="id" className="flex items-start justify-between gap-3">
                <Mono>{peer.memberId}</Mono>
                <CopyButton text={peer.memberId} label="Copy the member id" />
              </span>,
            ],
            ['Endpoint', <Mono key="endpoint">{peer.endpoint}</Mono>],
            ['Part of the internet', peer.group === null ? 'A local address' : <Mono key="group">{peer.group}</Mono>],
            [
              'Connection',
              `${peer.direction === 'in' ? 'They called' : 'You called'} ${ago(peer.connectedAt, now)}, ${when(peer.connectedAt)}${peer.manual ? '; you asked for it' : ''}`,
            ],
            ['Latency', peer.latencyMs === null ? 'Not measured yet' : `${Math.round(peer.latencyMs)} ms`],
            ['Height', `#${count(peer.height)}`],
            ['Traffic', `${bytes(peer.bytesIn)} in, ${bytes(peer.bytesOut)} out`],
            ['New cheeses', `${relay.short}. ${relay.long}`],
            ['Software', `${peer.version || 'not told'}, protocol version ${peer.protocol}`],
          ]}
        />
        <section aria-label="Reputation" className="border-t border-line pt-4">
          <div className="mb-2 flex items-center justify-between gap-3">
            <h3 className="font-medium">Reputation</h3>
            <Reputation of={peer.reputation} />
          </div>
          <Offences peer={peer} now={now} />
        </section>
        {disconnect.error && (
          <p role="alert" className="text-[13px] text-bad">
            {disconnect.error}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button look="danger" icon={Ban} onClick={onBan} data-testid="peer-ban">
            Ban…
          </Button>
          <Button icon={Unplug} busy={disconnect.busy} onClick={() => void disconnect.run()} data-testid="peer-disconnect">
            Disconnect
          </Button>
          <Button onClick={onClose} data-testid="peer-close">
            Close
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function Mono({ children }: { readonly children: ReactNode }) {
  return <span className="mono min-w-0 text-[13px] break-all">{children}</span>
}

/** What it did wrong, the latest first: a stranger's words among them are text and nothing else. */
function Offences({ peer, now }: { readonly peer: PeerEntry; readonly now: number }) {
  if (peer.offences.length === 0) return <p className="text-ink-2">Nothing is held against it.</p>
  return (
    <>
      <p className="mb-2 text-[13px] text-ink-3">
        One point comes back a minute; with none left it is banned for a day.
        {peer.reputation < 100 && ` All are back in ${duration((100 - peer.reputation) * 60)}.`}
      </p>
      <ul data-testid="offences" className="flex max-h-48 flex-col divide-y divide-line overflow-y-auto">
        {peer.offences.map((offence, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same may happen twice in a second
          <li key={i} className="flex items-baseline justify-between gap-4 py-2">
            <span className="min-w-0">
              <span className="block">{offenceWords(offence.kind)}</span>
              <span className="block text-[13px] break-words text-ink-3">{offence.detail}</span>
            </span>
            <span className="shrink-0 text-right text-[13px] text-ink-3">
              <span className="mono text-bad">−{offence.points}</span>
              <span className="block" title={when(offence.at)}>
                {ago(offence.at, now)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

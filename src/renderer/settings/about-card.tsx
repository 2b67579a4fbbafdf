import type { Status } from '../../api/schemas.ts'
import { count } from '../lib/format.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { Card } from '../ui/page.tsx'

const NETWORKS = {
  main: 'main: real cheese',
  test: 'test: for trying things, worth nothing',
  regtest: 'regtest: on this computer alone, worth nothing',
} as const

/** What this member is, and where it keeps things. */
export function AboutCard({ status }: { readonly status: Status }) {
  return (
    <Card title="This member">
      <Facts
        rows={[
          ['Network', NETWORKS[status.network]],
          ['Data folder', <Copyable key="folder" text={status.dataDir} label="Copy the data folder" />],
          ['Member id', <Copyable key="id" text={status.memberId} label="Copy the member id" />],
          [
            'Listens on',
            <span key="listen" className="mono text-[13px]">
              {status.listen}
            </span>,
          ],
          ['Height', count(status.height)],
          ['Signatures', `verified by ${status.verifier}`],
          ['Version', `Cheese Stack ${status.version}, shown by ${window.cheeseHost ? 'Electron' : 'a browser'}`],
        ]}
      />
    </Card>
  )
}

function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="flex items-start gap-1">
      <span className="mono text-[13px] break-all">{text}</span>
      <CopyButton text={text} label={label} />
    </span>
  )
}

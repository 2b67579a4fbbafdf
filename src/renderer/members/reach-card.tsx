import { RefreshCw } from 'lucide-react'
import { mappingWords } from '../../api/network-words.ts'
import type { Reach } from '../../api/schemas-network.ts'
import { ago, counted } from '../lib/format.ts'
import { useAction, useNow } from '../live.ts'
import { api } from '../session.ts'
import { useApp } from '../store.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/classes.ts'
import { Facts } from '../ui/facts.tsx'
import { Card } from '../ui/page.tsx'
import { NetworkSettings } from './network-settings.tsx'

const LOOKS: Readonly<Record<Reach['verdict'], { readonly dot: string; readonly name: string }>> = {
  unknown: { dot: 'border-2 border-off', name: 'Not known yet' },
  checking: { dot: 'bg-info animate-breathe', name: 'Being tried' },
  open: { dot: 'bg-good', name: 'Reachable' },
  closed: { dot: 'bg-warn', name: 'Not reachable' },
  'outbound-only': { dot: 'bg-info', name: 'Outbound only' },
  offline: { dot: 'bg-bad', name: 'Offline' },
}

/** Whether others can dial this member: the verdict in words, what to do, and what it rests on. */
export function ReachCard() {
  const reach = useApp((state) => state.status?.reach)
  const listen = useApp((state) => state.status?.listen)
  const now = useNow(5)
  const check = useAction(() => api.network.check())
  if (!reach) return null
  const { verdict, words, repair, checkedAt, basis, mapping, lan, proxy } = reach
  const { dot, name } = LOOKS[check.busy ? 'checking' : verdict]
  const tried = checkedAt === null ? 'Nobody has tried yet' : `${basis === 'tracker' ? 'A tracker' : 'A member'} tried ${ago(checkedAt, now)}`
  return (
    <Card
      title="Can others reach you?"
      action={
        <Button size="small" icon={RefreshCw} busy={check.busy} onClick={() => void check.run()} data-testid="reach-check">
          Check again
        </Button>
      }
    >
      <div data-testid="reach" data-verdict={verdict} aria-live="polite" className="mb-4 flex items-start gap-3">
        <span aria-hidden className={cx('mt-1.5 size-2.5 shrink-0 rounded-full', dot)} />
        <div className="min-w-0">
          <p>
            <span className="font-semibold">{name}.</span> {words}
          </p>
          {repair && <p className="mt-1 text-ink-2">{repair}</p>}
          {check.error && <p className="mt-1 text-[13px] text-bad">{check.error}</p>}
        </div>
      </div>
      <Facts
        rows={[
          [
            'You listen on',
            <span key="listen" className="mono text-[13px]">
              {listen || 'nothing'}
            </span>,
          ],
          ['Last try', tried],
          ['Router', sentenceCase(mapping.state === 'off' ? 'not asked to let others in' : mappingWords(mapping))],
          ['Local network', lan.on ? `${counted(lan.found, 'member')} found` : 'Members in it are not looked for'],
          [
            'Proxy',
            proxy === null ? (
              'None'
            ) : (
              <span key="proxy" className="mono text-[13px]">
                {proxy}
              </span>
            ),
          ],
        ]}
      />
      <NetworkSettings />
    </Card>
  )
}

function sentenceCase(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

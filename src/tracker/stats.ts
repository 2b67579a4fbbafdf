import { networkName } from './networks.ts'
import type { NetworkCount } from './table.ts'

/** What a tracker counts since it was opened. */
export class Counters {
  announces = 0
  queries = 0
  readonly refused = new Map<string, number>()

  refuse(code: string): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1)
  }
}

/** Where the table of members is kept, and whether that answers. */
export interface StoreState {
  readonly kind: 'memory' | 'redis'
  readonly up: boolean
  /** What is wrong and what that means, in a sentence; null when all is well. */
  readonly error: string | null
}

export interface TrackerStats {
  readonly version: string
  readonly now: number
  readonly uptimeSeconds: number
  readonly members: number
  readonly reachable: number
  readonly networks: readonly (Omit<NetworkCount, 'network'> & { readonly network: string; readonly blueSmell: string })[]
  readonly announces: number
  readonly queries: number
  readonly refused: Readonly<Record<string, number>>
  readonly dialBacks: { readonly good: number; readonly failed: number; readonly pending: number }
  readonly connections: number
  readonly store: StoreState
}

/** Networks that numbers are given of one by one. */
const MAX_NETWORKS = 20

/** A tracker's numbers, as `/stats.json` gives them. Times in Unix seconds. */
export function collectStats(
  counts: readonly NetworkCount[],
  counters: Counters,
  more: Pick<TrackerStats, 'version' | 'now' | 'uptimeSeconds' | 'dialBacks' | 'connections' | 'store'>,
): TrackerStats {
  return {
    version: more.version,
    now: more.now,
    uptimeSeconds: more.uptimeSeconds,
    members: counts.reduce((sum, n) => sum + n.members, 0),
    reachable: counts.reduce((sum, n) => sum + n.reachable, 0),
    networks: counts.slice(0, MAX_NETWORKS).map((n) => ({ ...n, network: networkName(n.network), blueSmell: n.network })),
    announces: counters.announces,
    queries: counters.queries,
    refused: Object.fromEntries(counters.refused),
    dialBacks: more.dialBacks,
    connections: more.connections,
    store: more.store,
  }
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** The same in Prometheus' text format, version 0.0.4. */
export function prometheusText(stats: TrackerStats): string {
  const out: string[] = []
  const metric = (name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]) => {
    if (samples.length === 0) return
    out.push(`# HELP cheese_tracker_${name} ${help}`, `# TYPE cheese_tracker_${name} ${type}`)
    for (const [labels, value] of samples) out.push(`cheese_tracker_${name}${labelText(labels)} ${value}`)
  }
  const one = (value: number): readonly Sample[] => [[{}, value]]
  const perNetwork = (of: (network: TrackerStats['networks'][number]) => number): readonly Sample[] =>
    // The smell tells networks of the same short name apart.
    stats.networks.map((n) => [{ network: n.network, smell: n.blueSmell.slice(0, 16) }, of(n)])
  metric('build_info', 'gauge', 'Version of the tracker; always 1.', [[{ version: stats.version }, 1]])
  metric('uptime_seconds', 'gauge', 'Seconds since the tracker was opened.', one(stats.uptimeSeconds))
  metric(
    'members',
    'gauge',
    'Members that are online.',
    perNetwork((n) => n.members),
  )
  metric(
    'members_reachable',
    'gauge',
    'Members that could be dialled back.',
    perNetwork((n) => n.reachable),
  )
  metric(
    'height',
    'gauge',
    'Greatest height that a member announced.',
    perNetwork((n) => n.height),
  )
  metric('announces_total', 'counter', 'Announces taken in.', one(stats.announces))
  metric('queries_total', 'counter', 'Lists of members given out.', one(stats.queries))
  metric(
    'refused_total',
    'counter',
    'Requests refused, by reason.',
    Object.entries(stats.refused).map(([reason, n]) => [{ reason }, n]),
  )
  metric('dial_backs_total', 'counter', 'Members dialled back, by outcome.', [
    [{ outcome: 'good' }, stats.dialBacks.good],
    [{ outcome: 'failed' }, stats.dialBacks.failed],
  ])
  metric('dial_backs_pending', 'gauge', 'Members that are being dialled back or wait for it.', one(stats.dialBacks.pending))
  metric('connections', 'gauge', 'Connections that are open.', one(stats.connections))
  metric('store_up', 'gauge', 'Whether the store of the table answers.', [[{ kind: stats.store.kind }, stats.store.up ? 1 : 0]])
  return `${out.join('\n')}\n`
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

import { networkName } from './networks.ts'
import type { Registry } from './registry.ts'

/** What a tracker counts since it was opened. */
export class Counters {
  announces = 0
  queries = 0
  readonly refused = new Map<string, number>()

  refuse(code: string): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1)
  }
}

export interface TrackerStats {
  readonly version: string
  readonly now: number
  readonly uptimeSeconds: number
  readonly members: number
  readonly reachable: number
  readonly networks: readonly {
    readonly network: string
    readonly blueSmell: string
    readonly members: number
    readonly reachable: number
    readonly height: number
  }[]
  readonly announces: number
  readonly queries: number
  readonly refused: Readonly<Record<string, number>>
  readonly dialBacks: { readonly good: number; readonly failed: number }
}

/** A tracker's numbers, as `/stats.json` gives them. Times in Unix seconds. */
export function collectStats(
  registry: Registry,
  counters: Counters,
  dialBacks: { readonly good: number; readonly failed: number },
  host: { readonly version: string; readonly now: number; readonly uptimeSeconds: number },
): TrackerStats {
  const networks = registry.networks().map((blueSmell) => {
    const entries = registry.list(blueSmell)
    return {
      network: networkName(blueSmell),
      blueSmell,
      members: entries.length,
      reachable: entries.filter((e) => e.reachable === true).length,
      height: entries.reduce((highest, e) => Math.max(highest, e.height), 0),
    }
  })
  return {
    ...host,
    members: registry.size,
    reachable: networks.reduce((sum, n) => sum + n.reachable, 0),
    networks,
    announces: counters.announces,
    queries: counters.queries,
    refused: Object.fromEntries(counters.refused),
    dialBacks: { ...dialBacks },
  }
}

/** The same numbers in Prometheus' text format, version 0.0.4. */
export function prometheusText(stats: TrackerStats): string {
  const out: string[] = []
  const metric = (name: string, type: 'gauge' | 'counter', help: string, samples: readonly (readonly [labels: string, value: number])[]) => {
    out.push(`# HELP cheese_tracker_${name} ${help}`, `# TYPE cheese_tracker_${name} ${type}`)
    for (const [labels, value] of samples) out.push(`cheese_tracker_${name}${labels} ${value}`)
  }
  // Labels are ours alone: names of networks, hex digits and error codes.
  metric('info', 'gauge', 'Version of the tracker.', [[`{version="${stats.version.replace(/["\\\n]/g, '')}"}`, 1]])
  metric('uptime_seconds', 'gauge', 'Seconds since the tracker was opened.', [['', stats.uptimeSeconds]])
  metric(
    'members',
    'gauge',
    'Members that are online.',
    stats.networks.map((n) => [`{network="${n.network}"}`, n.members]),
  )
  metric(
    'members_reachable',
    'gauge',
    'Members that could be dialled back.',
    stats.networks.map((n) => [`{network="${n.network}"}`, n.reachable]),
  )
  metric(
    'height',
    'gauge',
    'Greatest height that a member announced.',
    stats.networks.map((n) => [`{network="${n.network}"}`, n.height]),
  )
  metric('announces_total', 'counter', 'Announces taken in.', [['', stats.announces]])
  metric('queries_total', 'counter', 'Lists of members given out.', [['', stats.queries]])
  metric(
    'refused_total',
    'counter',
    'Requests refused, by reason.',
    Object.entries(stats.refused).map(([code, n]) => [`{reason="${code}"}`, n]),
  )
  metric('dial_backs_total', 'counter', 'Members dialled back, by outcome.', [
    ['{outcome="good"}', stats.dialBacks.good],
    ['{outcome="failed"}', stats.dialBacks.failed],
  ])
  return `${out.join('\n')}\n`
}

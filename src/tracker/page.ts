import { lineChart } from './chart.ts'
import type { RegisteredMember } from './details.ts'
import { type HistoryPoint, POINT_SECONDS } from './history.ts'
import { escapeHtml } from './html.ts'
import { type Reply, styleSource } from './http.ts'
import { CSS } from './page-style.ts'
import type { TrackerStats } from './stats.ts'

/** What the page tells. */
export interface PageContent {
  readonly stats: TrackerStats
  readonly networks: readonly (TrackerStats['networks'][number] & { readonly latest: readonly RegisteredMember[] })[]
  /** Of the last day, oldest first. */
  readonly points: readonly HistoryPoint[]
  /** The request's `Host`. */
  readonly host: string
  readonly secure: boolean
}

const DAY = 24 * 3600

/** The page for people: who is online, how the last day was, and how to join. No scripts; every text of a stranger is escaped and kept from turning the writing round. */
export function peoplePage(content: PageContent): Reply {
  const { stats, networks, points, host, secure } = content
  const address = secure ? `https://${host}` : host
  const body = `<header><h1>Cheese tracker</h1><p>Members of a cheese stack find each other here. To join, choose <b>Join a tracker</b> in Cheese Stack and enter <code>${escapeHtml(address)}</code></p></header>
${stats.store.up ? '' : `<p class="warn" role="status">${escapeHtml(stats.store.error ?? 'The store of the table does not answer.')}</p>`}
<dl class="cards">${card('Members online', number(stats.members))}${card('Reachable', stats.members === 0 ? '–' : `${Math.round((100 * stats.reachable) / stats.members)} %`, `${number(stats.reachable)} could be dialled back`)}${card('Announces', number(stats.announces), `in ${duration(stats.uptimeSeconds)}`)}</dl>
${networks.length === 0 ? '<p>Nobody is online now.</p>' : networks.map((network) => networkPart(network, points, stats.now)).join('\n')}
<section><h2>This tracker</h2><div class="one">${lineChart({ title: 'Announces a minute', series: [{ name: 'announces', look: 'a', filled: true, values: points.map((p) => [p.at, Math.round((p.announces * 60) / POINT_SECONDS)] as const) }], from: stats.now - DAY, to: stats.now, gap: 2 * POINT_SECONDS })}</div></section>
<footer>For programs: <a href="/stats.json">stats.json</a> · <a href="/metrics">metrics</a> · <a href="/healthz">healthz</a>. Version ${escapeHtml(stats.version)}. This page looks again every minute.</footer>`
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="refresh" content="60"><title>Cheese tracker: ${number(stats.members)} online</title><style>${CSS}</style></head><body>${body}</body></html>\n`,
    headers: {
      'content-security-policy': `default-src 'none'; style-src ${styleSource(CSS)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  }
}

function card(name: string, value: string, more = ''): string {
  return `<div><dt>${name}</dt><dd>${value}</dd>${more ? `<dd class="more">${more}</dd>` : ''}</div>`
}

function networkPart(network: PageContent['networks'][number], points: readonly HistoryPoint[], now: number): string {
  const seen = points.flatMap((p) => p.networks.filter((n) => n.network === network.blueSmell).map((n) => ({ ...n, at: p.at })))
  // The latest value is that of now, not of the last point.
  const all = [...seen, { at: now, members: network.members, reachable: network.reachable, height: network.height }]
  const chart = { from: now - DAY, to: now, gap: 2 * POINT_SECONDS }
  const members = lineChart({
    ...chart,
    title: 'Members',
    series: [
      { name: 'online', look: 'a', filled: true, values: all.map((p) => [p.at, p.members]) },
      { name: 'reachable', look: 'b', values: all.map((p) => [p.at, p.reachable]) },
    ],
  })
  const height = lineChart({
    ...chart,
    title: 'Height',
    floating: true,
    series: [{ name: 'highest announced', look: 'a', values: all.map((p) => [p.at, p.height]) }],
  })
  const shares = [
    bars(
      'Heights',
      network.heights.map(({ height: at, members: count }) => [number(at), count]),
      network.members,
    ),
    bars(
      'Versions',
      network.versions.map(({ name, members: count }) => [name || 'not told', count]),
      network.members,
    ),
  ]
  return `<section><h2><bdi>${escapeHtml(network.network)}</bdi></h2><div class="two">${members}${height}</div><div class="two">${shares.join('')}</div>${memberTable(network, now)}</section>`
}

/** How many of `all` there are of each kind. Widths are those of SVG: the page's rules allow no styles in its elements. */
function bars(title: string, kinds: readonly (readonly [name: string, count: number])[], all: number): string {
  const rows = kinds.slice(0, 6).map(([name, count]) => {
    const width = Math.max(1, Math.round((100 * count) / Math.max(1, all)))
    return `<tr><th scope="row"><bdi>${escapeHtml(name)}</bdi></th><td class="bar"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="8" rx="1"/></svg></td><td class="n">${number(count)}</td></tr>`
  })
  return `<figure><figcaption>${title}</figcaption><table class="bars">${rows.join('')}</table></figure>`
}

function memberTable(network: PageContent['networks'][number], now: number): string {
  const rows = network.latest.map((member) => {
    const reachable = member.reachable === null ? 'not tried' : member.reachable ? 'yes' : 'no'
    const pays = member.address === null ? '<span class="quiet">not listed</span>' : `<code>${escapeHtml(member.address)}</code>`
    return `<tr><td><bdi>${escapeHtml(member.nickname)}</bdi></td><td class="wide">${pays}</td><td class="n">${number(member.height)}</td><td class="${member.reachable === true ? 'good' : 'quiet'}">${reachable}</td><td class="n">${ago(now - member.lastSeen)}</td></tr>`
  })
  const more = network.members > network.latest.length ? `<p>and ${number(network.members - network.latest.length)} more</p>` : ''
  return `<table class="list"><thead><tr><th>Member</th><th class="wide">Is paid at</th><th class="n">Height</th><th>Reachable</th><th class="n">Heard of</th></tr></thead><tbody>${rows.join('')}</tbody></table>${more}`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}

function ago(seconds: number): string {
  return `${duration(seconds)} ago`
}

function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 120) return `${s} s`
  if (s < 7200) return `${Math.round(s / 60)} min`
  return s < 2 * DAY ? `${Math.round(s / 3600)} h` : `${Math.round(s / DAY)} days`
}

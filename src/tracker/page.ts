import { type Reply, styleSource } from './http.ts'
import { networkName, paymentAddress } from './networks.ts'
import type { Entry } from './registry.ts'
import type { TrackerStats } from './stats.ts'

const CSS = `
:root{color-scheme:light dark;--ground:#fdf8ec;--ink:#2c2318;--quiet:#7a6c58;--line:#e6dcc6;--accent:#b8720a}
@media(prefers-color-scheme:dark){:root{--ground:#1b1611;--ink:#f1e8d8;--quiet:#a89a84;--line:#3a3126;--accent:#f0a63a}}
body{margin:0 auto;max-width:60rem;padding:2rem 1rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{color:var(--quiet)}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{color:var(--quiet);font-weight:500}code{font:.85em ui-monospace,monospace}.n{text-align:right;font-variant-numeric:tabular-nums}
a{color:var(--accent)}
`

/** Most members shown of one network. */
const MAX_SHOWN = 200

/** The page for people: who is online, and how to join. No scripts; every text of a member is escaped and kept from turning the writing round. */
export function peoplePage(stats: TrackerStats, entries: readonly Entry[], host: string): Reply {
  const body = `<h1>Cheese tracker</h1>
<p>${stats.members} ${stats.members === 1 ? 'member is' : 'members are'} online. To join: in Cheese Stack choose <b>Join a tracker</b> and enter <code>${escapeHtml(host)}</code>.</p>
${stats.networks
  .map((n) =>
    networkTable(
      n.blueSmell,
      entries.filter((e) => e.network === n.blueSmell),
      stats.now,
    ),
  )
  .join('\n')}
<p>For programs: <a href="/stats.json">stats.json</a> · <a href="/metrics">metrics</a>. Version ${escapeHtml(stats.version)}.</p>`
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="30"><title>Cheese tracker</title><style>${CSS}</style></head><body>${body}</body></html>\n`,
    headers: {
      'content-security-policy': `default-src 'none'; style-src ${styleSource(CSS)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  }
}

function networkTable(blueSmell: string, entries: readonly Entry[], now: number): string {
  const rows = entries.slice(0, MAX_SHOWN).map((entry) => {
    const address = paymentAddress(entry.card.paymentKey, blueSmell)
    const seen = Math.max(0, now - Math.floor(entry.lastSeen / 1000))
    const reachable = entry.reachable === null ? 'not known yet' : entry.reachable ? 'yes' : 'no'
    return `<tr><td><bdi>${escapeHtml(entry.card.nickname)}</bdi></td><td><code>${address ? escapeHtml(address) : 'not listed'}</code></td><td class="n">${entry.height}</td><td>${reachable}</td><td class="n">${seen} s ago</td></tr>`
  })
  const more = entries.length > MAX_SHOWN ? `<p>and ${entries.length - MAX_SHOWN} more</p>` : ''
  return `<h2>${escapeHtml(networkName(blueSmell))}</h2><table><thead><tr><th>Member</th><th>Pays to</th><th class="n">Height</th><th>Reachable</th><th class="n">Seen</th></tr></thead><tbody>${rows.join('')}</tbody></table>${more}`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text that HTML shows as it is. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)
}

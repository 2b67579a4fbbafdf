import { formatIp, parseIp } from './ip.ts'
import { err, ok, type Result } from './result.ts'

/** What a link to a tracker begins with; the app registers it with the system. */
export const TRACKER_SCHEME = 'cheese-tracker'
/** The longest host that has a name, and some room for the rest. */
const MAX_LINK = 280

/**
 * The link that means the tracker at `url` (`http://HOST:PORT`, as a tracker's address is written): `cheese-tracker:HOST:PORT`.
 * undefined for one that a link cannot carry: another scheme than http.
 */
export function trackerLink(url: string): string | undefined {
  const match = /^http:\/\/(\[[0-9a-f:.]+\]|[^/:[\]]+)(?::([0-9]+))?\/?$/.exec(url)
  return match ? `${TRACKER_SCHEME}:${match[1]}:${match[2] ?? 80}` : undefined
}

/**
 * The tracker that a link means, as `HOST:PORT`. A link comes from strangers (a web page, a message), so nothing but the one form
 * is taken: `cheese-tracker:HOST:PORT`, no slashes, no percent signs, the host an IPv4 address, an IPv6 address in brackets or a
 * name of ASCII letters, digits, hyphens and dots, the port 80 or from 1024 to 65535 (below are services that nobody should be
 * made to knock at). The error is a sentence.
 */
export function parseTrackerLink(text: string): Result<string, string> {
  const refuse = () =>
    err(`This is not a link to a tracker: one looks like ${TRACKER_SCHEME}:192.0.2.7:9876. Ask whoever gave it to you for the address instead.`)
  if (text.length > MAX_LINK) return refuse()
  const match = /^cheese-tracker:(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253}):([1-9][0-9]{1,4})$/i.exec(text)
  if (!match) return refuse()
  const [, host = '', digits] = match
  const port = Number(digits)
  if (port > 65535 || (port !== 80 && port < 1024)) return refuse()
  if (host.startsWith('[')) {
    const ip = parseIp(host.slice(1, -1))
    return ip?.length === 16 ? ok(`[${formatIp(ip)}]:${port}`) : refuse()
  }
  return parseIp(host) || isName(host) ? ok(`${host.toLowerCase()}:${port}`) : refuse()
}

/** A name as DNS knows them. One whose last part is a number is an address to some programs (0x7f.1, 127.1) and none to others. */
function isName(host: string): boolean {
  const labels = host.split('.')
  return labels.every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)) && /^[A-Za-z]/.test(labels.at(-1) as string)
}

/** Whether `text` means to be a link to a tracker, however badly it is one. */
export function looksLikeTrackerLink(text: string): boolean {
  return text.slice(0, TRACKER_SCHEME.length + 1).toLowerCase() === `${TRACKER_SCHEME}:`
}

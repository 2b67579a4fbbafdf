import { parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'
import { looksLikeTrackerLink, parseTrackerLink } from '../util/tracker-link.ts'
import { DEFAULT_TRACKER_PORT } from './protocol.ts'

/**
 * The address of a tracker in its one form, `http://host:port` (or https, without a path), from what a person typed:
 * an URL, `host:port`, a bare host, which gets the trackers' usual port, or
 * a link `cheese-tracker:HOST:PORT` that a friend sent. The error is a sentence.
 */
export function normalizeTrackerUrl(text: string): Result<string, string> {
  const typed = text.trim()
  const shown = typed.length > 80 ? `${typed.slice(0, 80)}…` : typed
  const refuse = (why: string) => err(`“${shown}” ${why}: write a tracker’s address as HOST:PORT, for example 192.0.2.7:${DEFAULT_TRACKER_PORT}.`)
  if (typed === '' || typed.length > 300) return refuse('is not an address')
  if (looksLikeTrackerLink(typed)) {
    const place = parseTrackerLink(typed)
    return place.ok ? normalizeTrackerUrl(`http://${place.value}`) : place
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(typed)
  if (scheme && !/^https?$/i.test(scheme[1] as string)) return refuse('is not an http address')
  const bareIpv6 = !scheme && (parseIp(typed)?.length === 16 || typed.split(':').length > 2) && !typed.startsWith('[')
  let url: URL
  try {
    url = new URL(scheme ? typed : `http://${bareIpv6 ? `[${typed}]` : typed}`)
  } catch {
    return refuse('is not an address')
  }
  if (url.hostname === '' || url.username !== '' || url.password !== '') return refuse('is not an address')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[/?#]\S/.test(typed.slice(scheme?.[0].length ?? 0)))
    return refuse('has more than a host and a port')
  // A bare host means our own port; "http://host" and "host:80" mean the web's.
  if (!scheme && url.port === '' && !/:80\/?$/.test(typed)) url.port = String(DEFAULT_TRACKER_PORT)
  if (/:0+\/?$/.test(typed) && url.port === '0') return refuse('has no port that can be dialled')
  return ok(`${url.protocol}//${url.host}`)
}

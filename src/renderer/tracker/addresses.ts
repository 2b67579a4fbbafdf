import { isGlobal, isLoopback, isPrivate, parseIp } from '../../util/ip.ts'
import { trackerLink } from '../../util/tracker-link.ts'

/** An address by which a tracker can be joined. */
export interface TrackerAddress {
  readonly url: string
  /** `cheese-tracker:HOST:PORT`, or the address itself where no link can carry it. */
  readonly link: string
  /** From where it works, for people. */
  readonly from: string
}

/** The addresses of a hosted tracker with what each of them is good for. */
export function addressesOf(urls: readonly string[]): TrackerAddress[] {
  return urls.map((url) => ({ url, link: trackerLink(url) ?? url, from: fromWhere(url) }))
}

function fromWhere(url: string): string {
  if (!URL.canParse(url)) return 'as it was given'
  const ip = parseIp(new URL(url).hostname.replace(/^\[|\]$/g, ''))
  if (!ip) return 'by its name'
  if (isLoopback(ip)) return 'this computer alone'
  if (isGlobal(ip)) return 'from the internet'
  return isPrivate(ip) ? 'in your own network' : 'where that address is known'
}

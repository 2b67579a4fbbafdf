import type { Book } from '../../api/schemas-network.ts'
import { parseEndpoint, parseIp } from '../../util/ip.ts'
import { count, counted } from '../lib/format.ts'

/** The IP address of `IP:PORT`, or undefined where the endpoint has a name. */
export function hostOf(endpoint: string): string | undefined {
  if (!parseEndpoint(endpoint)) return undefined
  const host = endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '')
  return parseIp(host) ? host : undefined
}

/** What the address book holds, in one sentence. */
export function bookSentence({ fresh, tried, groups, anchors }: Book): string {
  if (fresh + tried === 0) return 'Your address book is empty: it fills with what trackers and members tell.'
  // Local addresses belong to no part of the internet.
  const where = groups === 0 ? '' : `, in ${counted(groups, 'part')} of the internet`
  const first = anchors === 0 ? '' : ` ${counted(anchors, 'member')} of the last run ${anchors === 1 ? 'is' : 'are'} dialled first.`
  return `Your address book holds ${counted(tried, 'address', 'addresses')} where a member answered and ${count(fresh)} not tried yet${where}.${first}`
}

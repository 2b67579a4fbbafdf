import type { AnnounceAnswer, MembersAnswer } from './protocol.ts'
import { type Entry, endpointText } from './table.ts'

/**
 * Answers with members as JSON, put together by hand: fifty cards are thirty kilobytes, base64 and addresses hold nothing that JSON writes in another way,
 * and looking through all of it for such things takes longer than everything else about an announce.
 */

type Listing<A> = Omit<A, 'members'> & { readonly members: readonly Entry[] }
export type AnnounceListing = Listing<AnnounceAnswer>
export type MembersListing = Listing<MembersAnswer>

/** One line of JSON, of ASCII alone. */
export function listingJson(answer: AnnounceListing | MembersListing): string {
  const { members, ...rest } = answer
  const head = JSON.stringify(rest)
  let list = ''
  for (const entry of members) list += list === '' ? memberJson(entry) : `,${memberJson(entry)}`
  return `${head.slice(0, -1)},"members":[${list}]}\n`
}

/** A `ListedMember`. */
function memberJson(entry: Entry): string {
  return `{"card":"${entry.card}","endpoint":"${endpointText(entry)}","atTracker":${isLoopbackText(entry.ip)},"reachable":${entry.reachable},"height":${entry.height},"lastSeen":${Math.floor(entry.lastSeen / 1000)}}`
}

/** Of an address as formatIp writes it. */
function isLoopbackText(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1'
}

import type { BanEntry, PeerEntry, Reach } from './schemas-network.ts'

/** What every face says of the network, so that window and command line use the same words. */

const BY = { pcp: 'PCP', 'nat-pmp': 'NAT-PMP', upnp: 'UPnP' } as const

/** What came of asking the router to let others in. */
export function mappingWords({ state, by, external, error }: Reach['mapping']): string {
  if (state === 'mapped') return `the router lets others in at ${external ?? 'an address that it does not tell'}${by === null ? '' : ` (${BY[by]})`}`
  if (state === 'failed') return error ?? 'the router lets nobody in'
  return state === 'trying' ? 'the router is being asked' : 'off'
}

const RELAY = {
  high: ['Ahead', 'It sends each new cheese at once, as a sketch: it is one of the fastest.'],
  low: ['On request', 'It tells of each new cheese, and sends a sketch of it when it is asked.'],
  full: ['Whole', 'It sends whole cheeses when it is asked: it speaks the first version of the protocol, or has sent nothing yet.'],
} as const

/** How a peer gives us new cheeses: in a word or two, and in a sentence. */
export function relayWords(relay: PeerEntry['relay']): { readonly short: string; readonly long: string } {
  const [short, long] = RELAY[relay]
  return { short, long }
}

const OFFENCES: Readonly<Record<string, string>> = {
  'broken-header': 'It sent a header that breaks a rule',
  'broken-body': 'It sent a cheese that breaks a rule',
  disputed: 'It follows a cheese that this member holds to be invalid',
  'broken-transfer': 'It sent a transfer that cannot be good',
  malformed: 'It sent something that members do not send',
  unasked: 'It sent what nobody had asked it for',
  stall: 'It did not answer in time',
  spam: 'It sent or asked for more than its share',
}

/** What a kind of offence is, in words; kinds of later versions go by their name. */
export function offenceWords(kind: string): string {
  return OFFENCES[kind] ?? `Offence “${kind}”`
}

/** What stands as the reason of a ban where the person gave none. */
const NO_REASON = 'a person asked for it'

/** Why somebody is banned, in words. */
export function banWords({ kind, reason }: Pick<BanEntry, 'kind' | 'reason'>): string {
  if (kind === 'manual') return reason === '' || reason === NO_REASON ? 'By you' : `By you: ${reason}`
  return reason === '' ? offenceWords(kind) : `${offenceWords(kind)}: ${reason}`
}

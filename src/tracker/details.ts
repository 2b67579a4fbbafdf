import { readCheckedCard } from '../net/card.ts'
import { BoundedMap } from '../util/bounded.ts'
import { paymentAddress } from './networks.ts'
import { fromBase64 } from './protocol.ts'
import { type Entry, endpointText } from './table.ts'

/** A member that is registered, for the window of whoever hosts the tracker. */
export interface RegisteredMember {
  readonly nickname: string
  readonly memberId: string
  /** Bech32m, or null for one that lists no payment address or is of an unknown network. */
  readonly address: string | null
  /** Hex of its network's blue smell. */
  readonly blueSmell: string
  readonly endpoint: string
  readonly reachable: boolean | null
  /** Unix seconds. */
  readonly lastSeen: number
  readonly height: number
  /** Its software, as it says. */
  readonly version: string
}

const MAX_KEPT = 2_000

/** Reads entries for people, the card of each once while it is shown. */
export class Details {
  readonly #read = new BoundedMap<string, Pick<RegisteredMember, 'nickname' | 'address'>>(MAX_KEPT)

  of(entry: Entry): RegisteredMember {
    return {
      ...this.#card(entry),
      memberId: entry.memberId,
      blueSmell: entry.network,
      endpoint: endpointText(entry),
      reachable: entry.reachable,
      lastSeen: Math.floor(entry.lastSeen / 1000),
      height: entry.height,
      version: entry.version,
    }
  }

  #card(entry: Entry): Pick<RegisteredMember, 'nickname' | 'address'> {
    const known = this.#read.get(entry.cardHash)
    if (known) return known
    const card = readCheckedCard(fromBase64(entry.card) ?? new Uint8Array())
    const details = card ? { nickname: card.nickname, address: paymentAddress(card.paymentKey, entry.network) } : { nickname: '?', address: null }
    this.#read.set(entry.cardHash, details)
    return details
  }
}

import type { Result } from '../util/result.ts'
import type { Keeping } from './keeping.ts'
import type { BookCounts } from './network-types.ts'
import type { Peer } from './peer.ts'
import type { Ban, Offence } from './reputation.ts'
import type { HostPort } from './transport.ts'

/** Who is dialled again and again, and who is refused, because a person says so: a part of the network. */
export class Doors {
  readonly #keeping: Keeping
  readonly #peers: () => Iterable<Peer>
  readonly #hangUp: (peer: Peer) => void

  /** @param hangUp on a peer that is banned now */
  constructor(keeping: Keeping, peers: () => Iterable<Peer>, hangUp: (peer: Peer) => void) {
    this.#keeping = keeping
    this.#peers = peers
    this.#hangUp = hangUp
  }

  /** Redials an address until `forget`, after a restart too. False when it is none that can be dialled. */
  async keep(endpoint: HostPort): Promise<boolean> {
    const kept = this.#keeping.book.keep(endpoint)
    await this.#keeping.book.save()
    return kept
  }

  /** Redials an address no more; who is connected stays. False when it was not kept. */
  async forget(endpoint: HostPort): Promise<boolean> {
    const forgotten = this.#keeping.book.forget(endpoint)
    await this.#keeping.book.save()
    return forgotten
  }

  /** Addresses that are redialled because a person said so, in this run or for good. */
  kept(): HostPort[] {
    return this.#keeping.book.kept()
  }

  /** What the address book holds. */
  book(): BookCounts {
    return this.#keeping.counts()
  }

  /**
   * Refuses a member, or everybody from an IP address or range, because a person says so; who is connected has to go.
   * @param ban.ms how long
   * @returns the ban, or a sentence that says why there is none
   */
  async ban(ban: { readonly memberId?: string; readonly host?: string; readonly ms: number; readonly reason: string }): Promise<Result<Ban, string>> {
    const made = this.#keeping.reputation.ban({ memberId: ban.memberId, address: ban.host, ms: ban.ms, reason: ban.reason })
    if (!made.ok) return made
    for (const peer of [...this.#peers()]) {
      if (!this.#keeping.reputation.banned(peer.memberId, peer.remote.host)) continue
      this.#hangUp(peer)
    }
    await this.#keeping.reputation.save()
    return made
  }

  /** Lifts a ban, whoever spoke it. False: there is none of that id. */
  async unban(id: string): Promise<boolean> {
    const lifted = this.#keeping.reputation.unban(id)
    await this.#keeping.reputation.save()
    return lifted
  }

  /** Bans that are in force, the latest first. */
  bans(): Ban[] {
    return this.#keeping.reputation.bans()
  }

  /** What a member did wrong lately, connected or not, the latest first, at most 20. */
  offences(memberId: string): readonly Offence[] {
    return this.#keeping.reputation.offences(memberId)
  }
}

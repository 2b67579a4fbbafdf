import type { Peer } from './peer.ts'

/** Peers that push new cheeses to us unasked (BIP 152: three). */
const MOST = 3

/** Chooses whom we ask to push compact cheeses at once: those that gave us the latest new cheeses first. */
export class CompactChoice {
  /** Whoever helped longest ago comes first. */
  #chosen: Peer[] = []

  /** `peer` was the first to give us a new cheese. */
  helped(peer: Peer): void {
    if (peer.version < 2 || peer.channel.ended) return
    const isNew = !this.#chosen.includes(peer)
    this.#chosen = [...this.#chosen.filter((other) => other !== peer), peer]
    if (isNew) {
      peer.relay = 'high'
      peer.mayPush = true
      peer.send({ type: 'sendCompact', mode: 'high' })
    }
    if (this.#chosen.length <= MOST) return
    const leaving = this.#oldest()
    this.#chosen = this.#chosen.filter((other) => other !== leaving)
    leaving.relay = 'low'
    if (!leaving.channel.ended) leaving.send({ type: 'sendCompact', mode: 'low' })
  }

  disconnected(peer: Peer): void {
    this.#chosen = this.#chosen.filter((other) => other !== peer)
  }

  /** Whoever helped longest ago; but of those whom we dialled ourselves the last one stays: whoever comes in may be an attacker. */
  #oldest(): Peer {
    const outbound = this.#chosen.filter(({ direction }) => direction === 'out')
    const [first] = outbound.length === 1 ? this.#chosen.filter((peer) => peer !== outbound[0]) : this.#chosen
    return first as Peer
  }
}

import { encodeTransfer } from '../../../src/consensus/codec.ts'
import { sha256 } from '../../../src/consensus/hash.ts'
import { workOf } from '../../../src/consensus/target.ts'
import type { Transfer } from '../../../src/consensus/types.ts'
import type { Message } from '../../../src/net/messages.ts'
import { toHex } from '../../../src/util/bytes.ts'
import type { Stage } from './attack.ts'
import { helloOf, Villain } from './villain.ts'

const ASK_EVERY_MS = 200

/** Somebody honest who came, keeps to every rule, and would notice if it were not served. */
export class Friend {
  readonly #self: Villain
  readonly #transfers = new Map<string, Uint8Array>()
  readonly #timer: NodeJS.Timeout
  #nonce = 0n

  private constructor(self: Villain) {
    this.#self = self
    self.react = (message) => this.#react(message)
    this.#timer = setInterval(() => self.send({ type: 'ping', nonce: ++this.#nonce }), ASK_EVERY_MS)
  }

  static async come({ at, ground }: Stage): Promise<Friend> {
    const { tip, cheeses } = ground
    const work = cheeses.slice(1).reduce((sum, { header }) => sum + workOf(header.bits), 0n)
    return new Friend(await Villain.meet(at, helloOf({ height: tip.height, tip: tip.smell, work, agent: 'friend' })))
  }

  get memberId(): string {
    return this.#self.memberId
  }

  /** How often it was answered. */
  get answers(): number {
    return this.#self.of('pong').length
  }

  /** Announces transfers, and gives them when it is asked. */
  async tell(transfers: readonly Transfer[]): Promise<void> {
    for (const transfer of transfers) {
      const bytes = encodeTransfer(transfer)
      this.#transfers.set(toHex(sha256(bytes)), bytes)
    }
    this.#self.send({ type: 'inv', ids: [...this.#transfers.keys()] })
  }

  leave(): void {
    clearInterval(this.#timer)
    this.#self.leave()
  }

  #react(message: Message): void {
    if (message.type === 'ping') this.#self.send({ type: 'pong', nonce: message.nonce })
    if (message.type === 'getHeaders') this.#self.send({ type: 'headers', request: message.request, headers: [] })
    if (message.type === 'getBodies') this.#self.send({ type: 'notFound', what: 'body', ids: message.smells })
    if (message.type === 'getCards') this.#self.send({ type: 'cards', cards: [] })
    if (message.type !== 'getTransfers') return
    for (const id of message.ids) {
      const bytes = this.#transfers.get(id)
      if (bytes) this.#self.send({ type: 'transfer', bytes })
    }
  }
}

import type { Key } from '../../../src/chain/testing/maker.ts'
import { relayId as relayIdOf, transferId } from '../../../src/consensus/hash.ts'
import type { Params, Transfer } from '../../../src/consensus/types.ts'
import { toHex } from '../../../src/util/bytes.ts'
import type { SimMember } from './member.ts'
import { signed } from './money.ts'
import type { Observer, SeenTransfer } from './observer.ts'
import type { Dice } from './random.ts'
import type { VirtualClock } from './virtual-time.ts'

/** As src/wallet: a transfer expires a day later, and what is unconfirmed is shared again about every ten minutes. */
const EXPIRY = 1_440
const RESHARE_MS = 10 * 60_000
/** Of a plain transfer, bytes. */
const SIZE = 143
const MOST_WAITING = 20

/** An account and the member that its wallet is at. */
export interface Home {
  readonly key: Key
  readonly member: SimMember
}

interface Sent {
  readonly seen: SeenTransfer
  readonly transfer: Transfer
}

/** People who pay each other: at a rate in all, from accounts whose member runs, to any other account. */
export class Wallets {
  /** Transfers a second, all together. */
  rate = 0
  refused = 0
  readonly #clock: VirtualClock
  readonly #dice: Dice
  readonly #params: Params
  readonly #observer: Observer
  #homes: readonly Home[]
  readonly #sent = new Map<string, Sent>()
  #cancels: (() => void)[] = []

  constructor(options: {
    readonly clock: VirtualClock
    readonly dice: Dice
    readonly params: Params
    readonly observer: Observer
    readonly homes: readonly Home[]
  }) {
    this.#clock = options.clock
    this.#dice = options.dice
    this.#params = options.params
    this.#observer = options.observer
    this.#homes = options.homes
  }

  /** Accounts that are somebody else's to use. */
  exclude(keys: readonly Key[]): void {
    this.#homes = this.#homes.filter(({ key }) => !keys.includes(key))
  }

  start(rate: number): void {
    this.stop()
    this.rate = rate
    this.#cancels = [() => undefined, () => undefined]
    this.#next()
    this.#reshareLater()
  }

  /** No new ones; what was sent stays. */
  stop(): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels = []
  }

  /** Transfers that were sent and are in no cheese of this member's stack. */
  unconfirmed(member: SimMember): SeenTransfer[] {
    const { session } = member
    return [...this.#sent.values()].filter(({ seen }) => session?.stack.findTransfer(seen.id) === undefined).map(({ seen }) => seen)
  }

  get count(): number {
    return this.#sent.size
  }

  #next(): void {
    if (this.rate === 0) return
    this.#cancels[0] = this.#clock.after(this.#dice.wait(1000 / this.rate), () => {
      this.#next()
      void this.#send()
    })
  }

  async #send(): Promise<void> {
    const { key, member } = this.#dice.pick(this.#homes)
    const to = this.#dice.pick(this.#homes).key
    const amount = BigInt(1_000_000 + this.#dice.below(9_000_000))
    // Most pay a little more than the least; some are in a hurry.
    const fee = BigInt(Math.ceil(SIZE * (1 + this.#dice.wait(3))))
    const { session } = member
    if (!session || to === key || !member.synced) return
    const { mempool, stack } = session
    const sender = toHex(key.address)
    const balance = (stack.account(key.address)?.balance ?? 0n) - mempool.pendingDebit(sender)
    if (balance < amount + fee || mempool.bySender(sender).length >= MOST_WAITING) return
    const unsigned = {
      version: 1,
      from: key.publicKey,
      sequence: mempool.nextSequence(sender),
      expiry: stack.tip.height + EXPIRY,
      fee,
      payments: [{ to: to.address, amount }],
      memo: new Uint8Array(),
    }
    const transfer = signed(unsigned, key, this.#params)
    const seen: SeenTransfer = {
      relayId: toHex(relayIdOf(transfer)),
      id: toHex(transferId(transfer, this.#params)),
      at: this.#clock.exact,
      from: member,
      confirmedAt: undefined,
    }
    this.#observer.sentTransfer(seen)
    const added = await mempool.add(transfer, { local: true })
    if (added.ok) this.#sent.set(seen.relayId, { seen, transfer })
    else {
      this.#observer.unsent(seen)
      this.refused++
    }
  }

  #reshareLater(): void {
    this.#cancels[1] = this.#clock.after(RESHARE_MS * this.#dice.between(0.75, 1.25), () => {
      this.#reshareLater()
      void this.#reshare()
    })
  }

  /** What a wallet does with what is unconfirmed: into its own mempool again, should it have got lost there, and to all peers. */
  async #reshare(): Promise<void> {
    for (const { seen, transfer } of [...this.#sent.values()]) {
      const { session } = seen.from
      if (!session || session.stack.findTransfer(seen.id) || this.#clock.exact - seen.at < RESHARE_MS / 2) continue
      if (!session.mempool.has(seen.relayId)) await session.mempool.add(transfer, { local: true })
      session.network.broadcastTransfer(seen.relayId)
    }
  }
}

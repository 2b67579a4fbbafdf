import { addressOf } from '../../consensus/address.ts'
import { transferSize } from '../../consensus/codec.ts'
import { sha256, transferId } from '../../consensus/hash.ts'
import type { Params } from '../../consensus/params.ts'
import type { Account, Transfer } from '../../consensus/types.ts'
import { bigIntToBytes, equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import { Emitter } from '../../util/events.ts'
import type { Result } from '../../util/result.ts'
import { err, ok } from '../../util/result.ts'
import type { Activity, ChainPort, SeenBy, StackedTransfer, SubmitRefusal, Tip, WaitingTransfer } from '../ports.ts'
import { debitOf, isExpired, paidTo } from '../transfers.ts'

interface FakeCheese {
  readonly smell: Uint8Array
  readonly time: number
  readonly reward: { readonly to: Uint8Array; readonly amount: bigint } | undefined
  readonly transfers: readonly Transfer[]
  /** Accounts after it, by hex of the address. */
  readonly accounts: ReadonlyMap<string, Account>
}

export const SUBSIDY = 5_000_000_000n

/** A stack and a mempool that follow the rules that a wallet can notice, by plain rebuilding. */
export class FakeChain implements ChainPort {
  readonly #params: Params
  readonly #events = new Emitter<{ tip: undefined; mempool: undefined }>()
  #cheeses: FakeCheese[]
  #mempool = new Map<string, WaitingTransfer>()
  #made = 0
  /** Ids in the order in which they were submitted, hex. */
  readonly submitted: string[] = []
  /** Answers every submit when set. */
  refuse: SubmitRefusal | undefined
  /** Runs before a submit is answered: to look at what is on disk, or to crash. */
  beforeSubmit: (transfer: Transfer) => void = () => {}
  feePerByte = 1n
  connectedPeers = 3

  constructor(params: Params) {
    this.#params = params
    this.#cheeses = [{ smell: params.blueSmell, time: 1_800_000_000, reward: undefined, transfers: [], accounts: new Map() }]
  }

  tip(): Tip {
    const { smell, time } = this.#top
    return { height: this.#cheeses.length - 1, time, smell }
  }

  smellAt(height: number): Uint8Array | undefined {
    return this.#cheeses[height]?.smell
  }

  account(address: Uint8Array): Account | undefined {
    return this.#top.accounts.get(toHex(address))
  }

  ripening(address: Uint8Array): bigint {
    return this.#cheeses.slice(-this.#params.ripening).reduce((sum, { reward }) => (reward && equalBytes(reward.to, address) ? sum + reward.amount : sum), 0n)
  }

  async activity(address: Uint8Array, { offset, limit }: { readonly offset: number; readonly limit: number }): Promise<{ total: number; entries: Activity[] }> {
    const all: Activity[] = []
    for (let height = this.#cheeses.length - 1; height >= 0; height--) {
      const { smell, time, reward, transfers } = this.#cheeses[height] as FakeCheese
      for (const transfer of [...transfers].reverse()) {
        if (!touches(transfer, address)) continue
        const sender = addressOf(transfer.from)
        const sent = equalBytes(sender, address)
        const [first, ...others] = transfer.payments
        const receiver = first && others.every(({ to }) => equalBytes(to, first.to)) ? first.to : undefined
        const amount = sent ? debitOf(transfer) - transfer.fee : paidTo(transfer, address)
        const id = transferId(transfer, this.#params)
        all.push({
          kind: sent ? 'sent' : 'received',
          height,
          smell,
          time,
          id,
          amount,
          fee: sent ? transfer.fee : 0n,
          counterparty: sent ? receiver : sender,
          memo: transfer.memo,
        })
      }
      if (reward && equalBytes(reward.to, address)) {
        all.push({ kind: 'reward', height, smell, time, id: undefined, amount: reward.amount, fee: 0n, counterparty: undefined, memo: new Uint8Array() })
      }
    }
    await turn()
    return { total: all.length, entries: all.slice(offset, offset + limit) }
  }

  async findTransfer(id: Uint8Array): Promise<StackedTransfer | undefined> {
    const height = this.#cheeses.findIndex(({ transfers }) => transfers.some((transfer) => equalBytes(transferId(transfer, this.#params), id)))
    const cheese = this.#cheeses[height]
    await turn()
    const transfer = cheese?.transfers.find((one) => equalBytes(transferId(one, this.#params), id))
    return cheese && transfer && { transfer, height, smell: cheese.smell, time: cheese.time }
  }

  waiting(address: Uint8Array): readonly WaitingTransfer[] {
    return [...this.#mempool.values()].filter(({ transfer }) => touches(transfer, address))
  }

  async submit(transfer: Transfer): Promise<Result<void, SubmitRefusal>> {
    this.beforeSubmit(transfer)
    const id = toHex(transferId(transfer, this.#params))
    this.submitted.push(id)
    await turn()
    if (this.refuse) return err(this.refuse)
    if (this.#mempool.has(id)) return ok(undefined)
    const from = toHex(addressOf(transfer.from))
    if (transfer.sequence < (this.#top.accounts.get(from)?.sequence ?? 0)) return err({ code: 'other', message: 'Its sequence is spent.' })
    if (isExpired(transfer, this.tip().height)) return err({ code: 'other', message: 'It has expired.' })
    const least = this.minimumFee(transferSize(transfer))
    const rival = [...this.#mempool.entries()].find(
      ([, waiting]) => equalBytes(waiting.transfer.from, transfer.from) && waiting.transfer.sequence === transfer.sequence,
    )
    if (transfer.fee < least + (rival ? rival[1].transfer.fee : 0n)) return err({ code: 'fee-too-low', message: 'The fee is too low.' })
    if (rival) this.#mempool.delete(rival[0])
    this.#mempool.set(id, { id: fromHex(id), transfer, since: this.tip().time })
    this.#events.emit('mempool', undefined)
    return ok(undefined)
  }

  suggestFee(size: number): bigint {
    return this.minimumFee(size) * 2n
  }

  minimumFee(size: number): bigint {
    return BigInt(size) * this.feePerByte
  }

  seenBy(id: Uint8Array): readonly SeenBy[] {
    if (!this.#mempool.has(toHex(id))) return []
    return ['Carol', ''].map((nickname, i) => ({ memberId: String(i + 1).repeat(64), nickname, at: this.tip().time }))
  }

  peers(): number {
    return this.connectedPeers
  }

  ahead(id: Uint8Array): number | null {
    const own = this.#mempool.get(toHex(id))
    return own ? [...this.#mempool.values()].filter(({ transfer }) => transfer.fee > own.transfer.fee).length : null
  }

  onTip(handler: () => void): () => void {
    return this.#events.on('tip', handler)
  }

  onMempool(handler: () => void): () => void {
    return this.#events.on('mempool', handler)
  }

  /** Makes `count` cheeses that hold what fits of the mempool, or nothing of it with `empty`. */
  mine(options: { readonly to?: Uint8Array; readonly empty?: boolean; readonly count?: number; readonly transfers?: readonly Transfer[] } = {}): void {
    for (let i = 0; i < (options.count ?? 1); i++) {
      this.#connect(options.to, options.transfers ?? (options.empty ? [] : [...this.#mempool.values()].map(({ transfer }) => transfer)))
      this.#events.emit('tip', undefined)
    }
  }

  /** Takes the top `count` cheeses off; their transfers wait again, unless `forget` loses them. */
  disconnect(count: number, { forget = false } = {}): void {
    for (const { transfers } of this.#cheeses.splice(Math.max(1, this.#cheeses.length - count)).reverse()) {
      if (forget) continue
      for (const transfer of transfers) {
        const id = transferId(transfer, this.#params)
        this.#mempool.set(toHex(id), { id, transfer, since: this.tip().time })
      }
    }
    this.#sweep()
    this.#events.emit('tip', undefined)
  }

  /** Forgets a waiting transfer, or all. */
  drop(id?: string): void {
    if (id === undefined) this.#mempool.clear()
    else this.#mempool.delete(id)
    this.#events.emit('mempool', undefined)
  }

  isWaiting(id: string): boolean {
    return this.#mempool.has(id)
  }

  get #top(): FakeCheese {
    return this.#cheeses[this.#cheeses.length - 1] as FakeCheese
  }

  #connect(to: Uint8Array | undefined, candidates: readonly Transfer[]): void {
    const height = this.#cheeses.length
    const accounts = new Map(this.#top.accounts)
    const credit = (address: string, amount: bigint) =>
      accounts.set(address, { balance: (accounts.get(address)?.balance ?? 0n) + amount, sequence: accounts.get(address)?.sequence ?? 0 })
    const ripe = this.#cheeses[height - this.#params.ripening]?.reward
    if (ripe) credit(toHex(ripe.to), ripe.amount)
    const transfers: Transfer[] = []
    for (const transfer of [...candidates].sort((a, b) => a.sequence - b.sequence)) {
      const from = toHex(addressOf(transfer.from))
      const account = accounts.get(from)
      if (!account || account.sequence !== transfer.sequence || account.balance < debitOf(transfer) || isExpired(transfer, height - 1)) continue
      accounts.set(from, { balance: account.balance - debitOf(transfer), sequence: account.sequence + 1 })
      for (const payment of transfer.payments) credit(toHex(payment.to), payment.amount)
      transfers.push(transfer)
    }
    const fees = transfers.reduce((sum, { fee }) => sum + fee, 0n)
    const smell = sha256(this.#top.smell, bigIntToBytes(BigInt(++this.#made), 8))
    this.#cheeses.push({ smell, time: this.#top.time + 60, reward: to && { to, amount: SUBSIDY + fees }, transfers, accounts })
    this.#sweep()
  }

  #sweep(): void {
    for (const [id, { transfer }] of this.#mempool) {
      const spentBelow = this.#top.accounts.get(toHex(addressOf(transfer.from)))?.sequence ?? 0
      if (transfer.sequence < spentBelow || isExpired(transfer, this.tip().height)) this.#mempool.delete(id)
    }
  }
}

function touches(transfer: Transfer, address: Uint8Array): boolean {
  return equalBytes(addressOf(transfer.from), address) || transfer.payments.some(({ to }) => equalBytes(to, address))
}

/** Real stores answer a little later. */
async function turn(): Promise<void> {
  await Promise.resolve()
}

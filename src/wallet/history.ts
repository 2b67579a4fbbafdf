import { Failure } from '../api/errors.ts'
import type { HistoryEntry, Journey } from '../api/schemas.ts'
import { addressOf, formatAddress } from '../consensus/address.ts'
import type { Params } from '../consensus/params.ts'
import type { Transfer } from '../consensus/types.ts'
import { equalBytes, toHex, tryFromHex } from '../util/bytes.ts'
import type { Ledger, OwnTransfer } from './ledger.ts'
import type { Activity, ChainPort, StackedTransfer } from './ports.ts'
import { debitOf, paidTo } from './transfers.ts'

export interface HistoryDeps {
  readonly chain: ChainPort
  readonly params: Params
  readonly nameOf: (address: Uint8Array) => string | null
}

/** An entry that the stack's index does not tell of, and the height above which cheeses are newer than it. */
interface Extra {
  readonly entry: HistoryEntry
  readonly above: number
  readonly sequence: number
}

interface Found {
  readonly entry: HistoryEntry
  readonly transfer: Transfer
  readonly smell: Uint8Array | undefined
}

const TRIES = 20
const decoder = new TextDecoder()

/**
 * What came and went. What is in the stack comes from its index, so a restored wallet has its whole past; what waits comes
 * from the mempool; and our records add what never got into a cheese.
 */
export class History {
  readonly #chain: ChainPort
  readonly #params: Params
  readonly #nameOf: (address: Uint8Array) => string | null

  constructor({ chain, params, nameOf }: HistoryDeps) {
    this.#chain = chain
    this.#params = params
    this.#nameOf = nameOf
  }

  /** Latest first; what waits comes before everything else. Reads about `limit` entries of the index, wherever it starts. */
  async page(ledger: Ledger, { offset, limit }: { readonly offset: number; readonly limit: number }): Promise<{ total: number; entries: HistoryEntry[] }> {
    return this.#steadily(ledger, async () => {
      const extras = await this.#extras(ledger)
      // Of n extras at most n come before an entry of the index, so the page's are at most n places further up.
      const from = Math.max(0, offset - extras.length)
      const { total, entries: activity } = await this.#chain.activity(ledger.profile.address, { offset: from, limit: offset + limit - from })
      const placed = new Map<number, () => HistoryEntry>()
      let newer = 0
      for (const [i, one] of activity.entries()) {
        while (newer < extras.length && (extras[newer] as Extra).above >= one.height) newer++
        placed.set(from + i + newer, () => this.#ofActivity(one))
      }
      for (const [i, { entry, above }] of extras.entries()) placed.set(from + activity.filter((one) => one.height > above).length + i, () => entry)
      const entries: HistoryEntry[] = []
      for (let at = offset; at < offset + limit; at++) {
        const make = placed.get(at)
        if (make) entries.push(make())
      }
      return { total: total + extras.length, entries }
    })
  }

  /** Where a transfer of ours (or to us) is. Throws `NOT_FOUND`. */
  async journey(ledger: Ledger, idHex: string): Promise<Journey> {
    const id = tryFromHex(idHex.trim())
    if (id?.length !== 32) throw new Failure('BAD_INPUT', 'A transfer id is 64 hex digits; copy it from the history.')
    return this.#steadily(ledger, async () => {
      const found = await this.#find(ledger, id)
      if (!found) throw new Failure('NOT_FOUND', 'No transfer of this wallet has that id. Look it up in the history.')
      const { entry, transfer, smell } = found
      const seenByPeers = [...this.#chain.seenBy(id)]
      return {
        entry,
        seenBy: seenByPeers.length,
        seenByPeers,
        peers: this.#chain.peers(),
        ahead: this.#chain.ahead(id),
        expiry: transfer.expiry,
        sequence: transfer.sequence,
        smell: smell ? toHex(smell) : null,
      }
    })
  }

  /** Runs `look` again if the stack moved meanwhile: otherwise an entry could be seen twice or not at all. */
  async #steadily<T>(ledger: Ledger, look: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      await ledger.refresh()
      const { smell } = this.#chain.tip()
      const result = await look()
      if ((ledger.isFresh && equalBytes(smell, this.#chain.tip().smell)) || tries === TRIES) return result
    }
  }

  async #find(ledger: Ledger, id: Uint8Array): Promise<Found | undefined> {
    const hex = toHex(id)
    const { address } = ledger.profile
    const stacked = await this.#chain.findTransfer(id)
    if (stacked) {
      const touchesUs = this.#isFromUs(stacked.transfer, ledger) || paidTo(stacked.transfer, address) > 0n
      return touchesUs ? { entry: this.#ofStacked(hex, stacked, ledger), transfer: stacked.transfer, smell: stacked.smell } : undefined
    }
    const own = ledger.own()
    const one = own.find((other) => other.id === hex)
    if (one) return { entry: this.#ofOwn(one, own, ledger), transfer: one.transfer, smell: undefined }
    const waiting = this.#chain.waiting(address).find((other) => equalBytes(other.id, id))
    return waiting && { entry: this.#describe(hex, waiting.transfer, waiting.since, ledger), transfer: waiting.transfer, smell: undefined }
  }

  /** What is in no cheese: waiting ones first, the others by the tip's height when they were made. */
  async #extras(ledger: Ledger): Promise<Extra[]> {
    const own = ledger.own()
    const extras: Extra[] = []
    for (const one of own) {
      // The mempool may still hold what the stack has just taken.
      if (!one.recorded && (await this.#isStacked(one.id))) continue
      const entry = this.#ofOwn(one, own, ledger)
      if (entry.state === 'confirmed') continue
      extras.push({ entry, above: entry.state === 'waiting' ? Number.POSITIVE_INFINITY : one.createdHeight, sequence: one.transfer.sequence })
    }
    for (const { id, transfer, since } of this.#chain.waiting(ledger.profile.address)) {
      const hex = toHex(id)
      if (this.#isFromUs(transfer, ledger) || (await this.#isStacked(hex))) continue
      extras.push({ entry: this.#describe(hex, transfer, since, ledger), above: Number.POSITIVE_INFINITY, sequence: transfer.sequence })
    }
    // Times are whole seconds: of two in the same one, the sender's later comes first, as in the stack.
    return extras.sort((a, b) => (a.above === b.above ? b.entry.time - a.entry.time || b.sequence - a.sequence : b.above - a.above))
  }

  async #isStacked(hex: string): Promise<boolean> {
    const id = tryFromHex(hex)
    return id !== undefined && (await this.#chain.findTransfer(id)) !== undefined
  }

  #ofOwn(one: OwnTransfer, own: readonly OwnTransfer[], ledger: Ledger): HistoryEntry {
    const stacked = ledger.stacked(one.id, one.transfer.sequence)
    if (stacked) return this.#ofStacked(one.id, stacked, ledger)
    return { ...this.#describe(one.id, one.transfer, one.createdAt, ledger), state: ledger.stateOf(one, own) }
  }

  #ofStacked(id: string, { transfer, height, time }: StackedTransfer, ledger: Ledger): HistoryEntry {
    return { ...this.#describe(id, transfer, time, ledger), state: 'confirmed', height, confirmations: this.#confirmations(height) }
  }

  #ofActivity({ kind, height, smell, time, id, amount, fee, counterparty, memo }: Activity): HistoryEntry {
    const ripens = kind === 'reward' && this.#chain.tip().height < height + this.#params.ripening
    return {
      kind,
      state: ripens ? 'ripening' : 'confirmed',
      ...(id ? { id: toHex(id) } : { smell: toHex(smell) }),
      amount: String(amount),
      fee: String(fee),
      ...this.#otherSide(counterparty),
      memo: decoder.decode(memo),
      height,
      confirmations: this.#confirmations(height),
      time,
    }
  }

  /** As of a transfer in no cheese yet. One that we sent shows all that it pays, and to whom if that is one address. */
  #describe(id: string, transfer: Transfer, time: number, ledger: Ledger): HistoryEntry {
    const sent = this.#isFromUs(transfer, ledger)
    const [first, ...others] = transfer.payments
    const onlyOne = first && others.every(({ to }) => equalBytes(to, first.to)) ? first.to : undefined
    return {
      kind: sent ? 'sent' : 'received',
      state: 'waiting',
      id,
      amount: String(sent ? debitOf(transfer) - transfer.fee : paidTo(transfer, ledger.profile.address)),
      fee: sent ? String(transfer.fee) : '0',
      ...this.#otherSide(sent ? onlyOne : addressOf(transfer.from)),
      memo: decoder.decode(transfer.memo),
      height: null,
      confirmations: 0,
      time,
    }
  }

  #otherSide(address: Uint8Array | undefined): Pick<HistoryEntry, 'counterparty' | 'name'> {
    return address ? { counterparty: formatAddress(address, this.#params), name: this.#nameOf(address) } : { counterparty: null, name: null }
  }

  #isFromUs(transfer: Transfer, ledger: Ledger): boolean {
    return equalBytes(transfer.from, ledger.profile.publicKey)
  }

  #confirmations(height: number): number {
    return Math.max(0, this.#chain.tip().height - height + 1)
  }
}

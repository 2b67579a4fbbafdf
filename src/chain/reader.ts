import { HEADER_BYTES } from '../consensus/codec.ts'
import { applyBodySteps } from '../consensus/connect.ts'
import type { RuleError } from '../consensus/errors.ts'
import { transferId } from '../consensus/hash.ts'
import { medianTime } from '../consensus/header.ts'
import { requiredBits } from '../consensus/target.ts'
import type { Account, AccountsReader, Body, Header, Params, Smell, Transfer } from '../consensus/types.ts'
import { equalBytes, toHex, tryFromHex } from '../util/bytes.ts'
import { ok, type Result } from '../util/result.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import type { ActivityItem } from './activity.ts'
import { contextOn, missingBodies } from './branches.ts'
import type { StackCore } from './core.ts'
import type { HeaderEntry, HeaderNode } from './header-node.ts'
import { headerRange, placeInKey } from './keys.ts'
import { damaged, decodeRecord } from './records.ts'
import { idsSteps } from './writes.ts'

/** A cheese with its body. */
export interface StoredCheese {
  readonly entry: HeaderEntry
  readonly body: Body
  /** Transfer ids in order, hex. */
  readonly ids: readonly string[]
}

/** What a list shows of a cheese. */
export interface CheeseFacts {
  readonly entry: HeaderEntry
  /** Encoded header and body, bytes. */
  readonly size: number
  readonly transfers: number
  /** Address of the miner, 20 bytes. */
  readonly rewardTo: Uint8Array
  /** Subsidy and fees, crumbs; zero while it has never been connected. */
  readonly rewardAmount: bigint
}

/** A reward that still ripens. */
export interface RipeningReward {
  readonly height: number
  readonly smell: Smell
  readonly amount: bigint
  /** Height of the cheese that credits it. */
  readonly ripensAt: number
}

export interface FoundTransfer {
  readonly smell: Smell
  readonly height: number
  /** Index in the body. */
  readonly position: number
  readonly transfer: Transfer
}

/** One thing that touched an address (activity.ts), with its cheese. */
export interface ActivityEntry extends Omit<ActivityItem, 'id'> {
  /** Running number among the address's entries, the oldest is 0. */
  readonly number: number
  readonly smell: Smell
  /** Transfer id in hex; undefined for a reward. */
  readonly id: string | undefined
  /** Unix seconds of its cheese. */
  readonly time: number
}

/** What a template has to commit to. */
export interface Preview {
  readonly parent: HeaderEntry
  readonly height: number
  readonly accountsRoot: Uint8Array
  /** Crumbs of all fees. */
  readonly fees: bigint
}

/** Everything that can be asked of a stack at once. Throws a `StoreError` where the store turns out damaged. */
export class StackReader {
  readonly params: Params
  readonly #core: StackCore

  constructor(core: StackCore) {
    this.#core = core
    this.params = core.params
  }

  /** The topmost cheese of the main stack. */
  get tip(): HeaderEntry {
    return this.#core.tip
  }

  /** The header with the most work, bodies or not. */
  get bestHeader(): HeaderEntry {
    return this.#core.index.best
  }

  /** Accounts as the tip leaves them. */
  get accounts(): AccountsReader {
    return this.#core.accounts
  }

  /** A cheese of the tree, on the main stack or not. */
  entry(smell: Smell): HeaderEntry | undefined {
    return this.#core.index.get(smell)
  }

  /** The main stack's cheese at `height`. */
  entryAt(height: number): HeaderEntry | undefined {
    return this.#core.mainAt(height)
  }

  /** The cheese of the tree at `height` that another one stands on, or itself. */
  ancestor(smell: Smell, height: number): HeaderEntry | undefined {
    const { index } = this.#core
    const node = index.get(smell)
    return node && index.ancestor(node, height)
  }

  smellAt(height: number): Smell | undefined {
    return this.#core.mainSmell(height)
  }

  /** Whether a cheese is on the main stack. */
  isMain(smell: Smell): boolean {
    const node = this.#core.index.get(smell)
    return node !== undefined && this.#core.isMain(node)
  }

  header(smell: Smell): Header | undefined {
    return this.#core.index.get(smell)?.header
  }

  /** Whether a cheese's body is stored. */
  hasBody(smell: Smell): boolean {
    return this.#core.index.get(smell)?.hasBody ?? false
  }

  /** The encoded body of a cheese, if it is stored. */
  body(smell: Smell): Uint8Array | undefined {
    const node = this.#core.index.get(smell)
    return node && this.#core.bodyBytes(node)
  }

  /** A cheese with its decoded body, if that is stored. */
  cheese(smell: Smell): StoredCheese | undefined {
    return allAtOnce(this.cheeseSteps(smell))
  }

  /** `cheese` in steps. */
  *cheeseSteps(smell: Smell): Steps<StoredCheese | undefined> {
    const node = this.#core.index.get(smell)
    if (!node?.hasBody) return undefined
    const body = yield* this.#core.loadSteps(node)
    return { entry: node, body, ids: (yield* idsSteps(body, this.params)).map(toHex) }
  }

  /** What a list shows of a cheese whose body is stored; its body is not read. */
  facts(smell: Smell): CheeseFacts | undefined {
    const node = this.#core.index.get(smell)
    if (!node?.hasBody) return undefined
    const { size, ...facts } = this.#core.facts(node)
    return { entry: node, size: HEADER_BYTES + size, ...facts }
  }

  /**
   * Encoded headers of the main stack, as it is now, from `height` up, at most `limit`. They are read in threads, some
   * hundreds a turn: one by one they would keep everybody else waiting.
   */
  async headersFrom(height: number, limit: number): Promise<Uint8Array[]> {
    const top = Math.min(height + limit - 1, this.tip.height)
    let wanted = this.smellAt(top)
    const found: { readonly smell: Smell; readonly header: Uint8Array }[] = []
    if (wanted === undefined || top < height) return []
    for await (const [key, value] of this.#core.store.entries(headerRange(height, top + 1))) {
      found.push({ smell: toHex(placeInKey(key).smell), header: decodeRecord(value).header })
    }
    const headers: Uint8Array[] = []
    // Other branches lie between: from the top each tells the one below it.
    for (const { smell, header } of found.reverse()) {
      if (smell !== wanted) continue
      headers.push(header)
      wanted = toHex(header.subarray(4, 36))
    }
    if (headers.length !== top - height + 1) throw damaged(`the headers from height ${height} up`)
    return headers.reverse()
  }

  /** Smells on the best header's branch whose bodies are not stored, lowest first. */
  missingBodies(limit: number): Smell[] {
    return missingBodies(this.#core.index, this.#core.tip, limit)
  }

  /** The account at a 20-byte address as the tip leaves it. */
  account(address: Uint8Array): Account | undefined {
    return this.#core.accounts.get(address)
  }

  /** Rewards of an address that still ripen, lowest first. */
  ripening(address: Uint8Array): RipeningReward[] {
    const { tip, params } = this.#core
    const rewards: RipeningReward[] = []
    for (let height = Math.max(1, tip.height - params.ripening + 1); height <= tip.height; height++) {
      const node = this.#core.mainAt(height) as HeaderNode
      const { rewardTo, rewardAmount } = this.#core.facts(node)
      if (equalBytes(rewardTo, address)) rewards.push({ height, smell: node.smell, amount: rewardAmount, ripensAt: height + params.ripening })
    }
    return rewards
  }

  /** A transfer of the main stack by its id in hex. */
  findTransfer(id: string): FoundTransfer | undefined {
    const key = tryFromHex(id)
    const place = key?.length === 32 ? this.#core.indexes.place(key) : undefined
    if (!place) return undefined
    const [height, position] = place
    const node = this.#core.mainAt(height)
    if (!node) return undefined
    const transfer = this.#core.loadedTransfer(node, position)
    // A reorg may be under way, with its batch written and the place read just before.
    if (!transfer || !equalBytes(transferId(transfer, this.params), key as Uint8Array)) return undefined
    return { smell: node.smell, height, position, transfer }
  }

  /** What touched an address on the main stack, newest first; those before number `before` when it is given. */
  activity(address: Uint8Array, options: { readonly limit: number; readonly before?: number | undefined }): ActivityEntry[] {
    const { before = Number.POSITIVE_INFINITY, limit } = options
    return this.#core.indexes.read(address, before, limit).flatMap((item) => {
      const node = this.#core.mainAt(item.height)
      return node ? [{ ...item, id: item.id && toHex(item.id), smell: node.smell, time: node.time }] : []
    })
  }

  /** As `activity`, by place: the newest is 0. `total` counts all entries. */
  activityPage(address: Uint8Array, options: { readonly offset: number; readonly limit: number }): { total: number; entries: ActivityEntry[] } {
    const total = this.#core.indexes.count(address)
    return { total, entries: this.activity(address, { limit: options.limit, before: Math.max(0, total - options.offset) }) }
  }

  /** The next cheese's time must be above this: the median of the tip's and its ancestors' times, Unix seconds. */
  medianTimePast(): number {
    return medianTime(contextOn(this.#core.tip).ancestorTimes)
  }

  /** The bits that the next cheese must have. */
  requiredBits(): number {
    return requiredBits(contextOn(this.#core.tip), this.params)
  }

  /**
   * What a cheese of `transfers`, in this order, on top of the tip would have to commit to. Changes nothing; signatures
   * and shapes are not looked at. The rule that a transfer breaks is returned with its index.
   */
  previewRoot(input: { readonly transfers: readonly Transfer[] }): Result<Preview, RuleError> {
    return allAtOnce(this.previewSteps(input))
  }

  /** `previewRoot` in steps: to be given up when the tip moves meanwhile, and what it throws then means nothing. */
  *previewSteps({ transfers }: { readonly transfers: readonly Transfer[] }): Steps<Result<Preview, RuleError>> {
    const { tip, accounts } = this.#core
    const height = tip.height + 1
    const body: Body = { reward: { height, to: new Uint8Array(20), extra: new Uint8Array() }, transfers }
    const applied = yield* applyBodySteps({ body, height, accounts, ripe: this.#core.ripeAt(height) })
    if (!applied.ok) return applied
    const { root } = yield* accounts.updateSteps(applied.value.changes)
    return ok({ parent: tip, height, accountsRoot: root, fees: applied.value.fees })
  }
}

import { AccountsTree, type TreeUpdate } from '../consensus/tree.ts'
import type { Account, AccountChanges, AccountsReader, AddressHex } from '../consensus/types.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import type { Steps } from '../util/steps.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { WriteBack } from '../util/write-back.ts'
import { accountKey, nodeKey } from './keys.ts'
import { damaged, decodeAccount, encodeAccount } from './records.ts'

/** Accounts and what they make of the tree. */
interface Step {
  readonly changes: AccountChanges
  readonly update: TreeUpdate
}

/** Of accounts, tree nodes and numbers of activity entries kept in memory though they are stored, when nothing else is said. */
export const CACHE_BYTES = 134_217_728
/** Bytes that an account takes up in memory with its key, about. */
const ACCOUNT_BYTES = 200

/**
 * The accounts and their tree over a store. Steps are taken into memory and stored many together, later; readers see the
 * accounts as the last step left them, whatever the store gives at that moment. What was used lately is kept, within a limit.
 */
export class AccountsState implements AccountsReader {
  readonly #store: Store
  readonly #tree: AccountsTree
  readonly #accounts: WriteBack<Account>

  /** @param cacheBytes of what is kept though it is stored */
  constructor(store: Store, cacheBytes = CACHE_BYTES) {
    this.#store = store
    this.#accounts = new WriteBack(cacheBytes / 4, () => ACCOUNT_BYTES)
    this.#tree = new AccountsTree({ get: (key) => store.get(nodeKey(key)) }, { cacheBytes: (3 * cacheBytes) / 4 })
  }

  /** Bytes of what is in memory: taken and not stored yet, and kept though it is stored. */
  get bytes(): { readonly taken: number; readonly cached: number } {
    const { taken, cached } = this.#tree.bytes
    return { taken: taken + this.#accounts.changedBytes, cached: cached + this.#accounts.cachedBytes }
  }

  /** @param key the address in hex, where it is known already */
  get(address: Uint8Array, key: AddressHex = toHex(address)): Account | undefined {
    const known = this.#accounts.get(key)
    if (known !== undefined) return known ?? undefined
    const bytes = this.#store.get(accountKey(address))
    const account = bytes && decodeAccount(bytes)
    this.#accounts.remember(key, account ?? null)
    return account
  }

  root(): Uint8Array {
    return this.#guard(() => this.#tree.root())
  }

  /** What `changes` would make of the tree, in steps; changes nothing. No step may be taken meanwhile. */
  *updateSteps(changes: AccountChanges): Steps<TreeUpdate> {
    const steps = this.#tree.updateSteps(changes)
    for (;;) {
      const { done, value } = this.#guard(() => steps.next())
      if (done) return value
      yield
    }
  }

  /**
   * The root with the accounts at `addresses` put in as they are stored, in steps: another one than `root()` when one of
   * them is damaged.
   */
  *rootThrough(addresses: Iterable<string>): Steps<Uint8Array> {
    const same = new Map<string, Account | undefined>()
    for (const hex of addresses) {
      same.set(hex, this.get(fromHex(hex), hex))
      yield
    }
    return (yield* this.updateSteps(same)).root
  }

  /** From here on readers see `step`, which is stored with the next `ops`. */
  take({ changes, update }: Step): void {
    for (const [hex, account] of changes) this.#accounts.set(hex, account ?? null)
    this.#tree.take(update)
  }

  /** The writes of all steps taken up to this call, made as they are gone through, once; `written` must follow before the next. */
  ops(): Iterable<StoreOp> {
    return opsOf(this.#accounts.begin(), this.#tree.taken())
  }

  /** The last writes have been stored or, with `stored` false, are to be given again. */
  written(stored: boolean): void {
    this.#accounts.done(stored)
    this.#tree.written(stored)
  }

  /** As `written` of what has been stored, in steps. */
  *writtenSteps(): Steps<void> {
    yield* this.#accounts.doneSteps()
    yield* this.#tree.writtenSteps()
  }

  /** The tree throws on pages that are missing or cannot be read; for us that is a damaged store. */
  #guard<T>(job: () => T): T {
    try {
      return job()
    } catch (error) {
      if (error instanceof Error && !(error instanceof StoreError) && error.message.startsWith('accounts tree:')) throw damaged(error.message)
      throw error
    }
  }
}

function* opsOf(accounts: ReadonlyMap<AddressHex, Account | null>, pages: Iterable<readonly [Uint8Array, Uint8Array | undefined]>): Iterable<StoreOp> {
  for (const [hex, account] of accounts) {
    const key = accountKey(fromHex(hex))
    yield account ? { type: 'put', key, value: encodeAccount(account) } : { type: 'del', key }
  }
  for (const [page, value] of pages) {
    const key = nodeKey(page)
    yield value ? { type: 'put', key, value } : { type: 'del', key }
  }
}

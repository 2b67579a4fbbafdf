import { AccountsTree, type TreeUpdate } from '../consensus/tree.ts'
import type { Account, AccountChanges, AccountsReader } from '../consensus/types.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import type { Steps } from '../util/steps.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { accountKey, nodeKey, nodeKeyOfHex } from './keys.ts'
import { damaged, decodeAccount, encodeAccount } from './records.ts'

/** Accounts and what they make of the tree. */
interface Step {
  readonly changes: AccountChanges
  readonly update: TreeUpdate
}

/**
 * The accounts and their tree over a store. Between `begin` and `done` a batch is on its way to the store: readers see
 * the accounts as they will be, whatever the store gives at that moment.
 */
export class AccountsState implements AccountsReader {
  readonly #store: Store
  readonly #tree: AccountsTree
  #pending: Step | undefined

  constructor(store: Store) {
    this.#store = store
    this.#tree = new AccountsTree({
      get: (key) => {
        const writes = this.#pending?.update.writes
        if (writes) {
          const hex = toHex(key)
          if (writes.has(hex)) return writes.get(hex)
        }
        return store.get(nodeKey(key))
      },
    })
  }

  get(address: Uint8Array): Account | undefined {
    if (this.#pending) {
      const hex = toHex(address)
      const { changes } = this.#pending
      if (changes.has(hex)) return changes.get(hex)
    }
    const bytes = this.#store.get(accountKey(address))
    return bytes && decodeAccount(bytes)
  }

  root(): Uint8Array {
    return this.#guard(() => this.#tree.root())
  }

  /** What `changes` would make of the tree, in steps; changes nothing. No step may begin meanwhile. */
  *updateSteps(changes: AccountChanges): Steps<TreeUpdate> {
    const steps = this.#tree.updateSteps(changes)
    for (;;) {
      const { done, value } = this.#guard(() => steps.next())
      if (done) return value
      yield
    }
  }

  /** The root with the accounts at `addresses` put in as they are stored, in steps: another one than `root()` when one of them is damaged. */
  *rootThrough(addresses: Iterable<string>): Steps<Uint8Array> {
    const same = new Map<string, Account | undefined>()
    for (const hex of addresses) {
      same.set(hex, this.get(fromHex(hex)))
      yield
    }
    return (yield* this.updateSteps(same)).root
  }

  /** The writes of a step, in steps of work. */
  *opsSteps({ changes, update }: Step): Steps<StoreOp[]> {
    const ops: StoreOp[] = []
    for (const [hex, account] of changes) {
      const key = accountKey(fromHex(hex))
      ops.push(account ? { type: 'put', key, value: encodeAccount(account) } : { type: 'del', key })
      yield
    }
    for (const [hex, value] of yield* update.writesSteps()) {
      const key = nodeKeyOfHex(hex)
      ops.push(value ? { type: 'put', key, value } : { type: 'del', key })
      yield
    }
    return ops
  }

  /** From here on readers see `step`, whose writes are about to be stored. */
  begin(step: Step): void {
    if (this.#pending) throw new Error('bug: two steps at once')
    this.#pending = step
    this.#tree.apply(step.update)
  }

  /** The step has been stored or, with `stored` false, could not be and is forgotten. */
  done(stored: boolean): void {
    this.#pending = undefined
    if (!stored) this.#tree.forget()
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

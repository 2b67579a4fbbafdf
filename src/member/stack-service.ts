import { Failure } from '../api/errors.ts'
import type { AccountPage, CheeseSummary, CheeseView, Shown, TransferPage, TransferView } from '../api/schemas.ts'
import type { MemberService } from '../api/service.ts'
import type { HeaderEntry } from '../chain/header-node.ts'
import { Pacer } from '../chain/pause.ts'
import type { CheeseStack } from '../chain/stack.ts'
import { formatAddress, parseAddress } from '../consensus/address.ts'
import { workOf } from '../consensus/target.ts'
import type { Smell } from '../consensus/types.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { toHex } from '../util/bytes.ts'
import { feesOf, noteOf, transferView } from './views.ts'

/** Cheeses in a list when nobody says how many. */
const LIST = 20
/** Entries on an account's page. */
const ACTIVITY = 100

export interface StackServiceDeps {
  readonly stack: CheeseStack
  readonly mempool: Mempool
  /** The contact's or member's name for an address, or null. */
  readonly nameOf: (address: Uint8Array) => string | null
}

/** What can be read of the cheese stack. */
export class StackService {
  readonly #deps: StackServiceDeps

  constructor(deps: StackServiceDeps) {
    this.#deps = deps
  }

  readonly service: MemberService['stack'] = {
    list: async ({ from, count = LIST }) => {
      const { stack } = this.#deps
      const top = Math.min(from ?? stack.tip.height, stack.tip.height)
      const cheeses: CheeseSummary[] = []
      for (let height = top; height >= 0 && cheeses.length < count; height--) {
        const smell = stack.smellAt(height)
        if (smell !== undefined) cheeses.push(this.#summary(smell))
      }
      return cheeses
    },
    show: async ({ query }) => this.#show(query.trim()),
  }

  async #show(query: string): Promise<Shown> {
    const { stack } = this.#deps
    if (/^[0-9]{1,10}$/.test(query)) {
      const entry = stack.entryAt(Number(query))
      if (!entry) throw new Failure('NOT_FOUND', `There is no cheese at height ${query}: the tip is at ${stack.tip.height}.`)
      return this.#cheese(entry)
    }
    if (/^[0-9a-fA-F]{64}$/.test(query)) {
      const hex = query.toLowerCase()
      const entry = stack.entry(hex)
      if (entry && stack.isMain(hex)) return this.#cheese(entry)
      const transfer = this.#transfer(hex)
      if (transfer) return transfer
      if (entry) throw new Failure('NOT_FOUND', `The cheese ${hex} (height ${entry.height}) is known, but not on the stack with the most work.`)
      throw new Failure(
        'NOT_FOUND',
        `No cheese has the smell, and no transfer the id, ${hex}. If it is new, wait until this member is in sync and search again.`,
      )
    }
    const address = parseAddress(query, stack.params)
    if (address.ok) return this.#account(address.value)
    if (address.error.code === 'other-network') throw new Failure('OTHER_NETWORK', address.error.message)
    if (address.error.code === 'typo') throw new Failure('BAD_ADDRESS', address.error.message)
    throw new Failure(
      'BAD_INPUT',
      `“${query.slice(0, 80)}” is nothing that can be searched: type a height, a smell or transfer id (64 hex digits), or an address (${stack.params.hrp}1…).`,
    )
  }

  #summary(smell: Smell): CheeseSummary {
    const { stack } = this.#deps
    const facts = stack.facts(smell)
    const entry = stack.entry(smell)
    if (!facts || !entry) throw new Error(`bug: the main stack's cheese ${smell} has no body`)
    return {
      height: entry.height,
      smell,
      time: entry.time,
      miner: formatAddress(facts.rewardTo, stack.params),
      reward: String(facts.rewardAmount),
      transfers: facts.transfers,
      size: facts.size,
    }
  }

  /** With pauses: it may hold thousands of transfers. */
  async #cheese(entry: HeaderEntry): Promise<CheeseView> {
    const { stack } = this.#deps
    const { params } = stack
    const pacer = new Pacer()
    const cheese = await pacer.run(stack.cheeseSteps(entry.smell))
    if (!cheese) throw new Error(`bug: the main stack's cheese ${entry.smell} has no body`)
    const items: TransferView[] = []
    for (const transfer of cheese.body.transfers) {
      items.push(transferView(transfer, params))
      if (pacer.isLate) await pacer.pause()
    }
    const { header } = entry
    return {
      type: 'cheese',
      ...this.#summary(entry.smell),
      version: header.version,
      parent: toHex(header.parent),
      accountsRoot: toHex(header.accountsRoot),
      bodyRoot: toHex(header.bodyRoot),
      bits: `0x${header.bits.toString(16).padStart(8, '0')}`,
      nonce: String(header.nonce),
      work: String(workOf(header.bits)),
      fees: String(feesOf(cheese.body)),
      extra: noteOf(cheese.body.reward.extra),
      confirmations: stack.tip.height - entry.height + 1,
      ripensAt: entry.height + params.ripening,
      items,
    }
  }

  #transfer(id: string): TransferPage | undefined {
    const { stack, mempool } = this.#deps
    const { params, tip } = stack
    const found = stack.findTransfer(id)
    const entry = found && stack.entry(found.smell)
    if (found && entry) {
      const { height, smell, transfer } = found
      return {
        type: 'transfer',
        ...transferView(transfer, params),
        state: 'confirmed',
        height,
        smell,
        confirmations: tip.height - height + 1,
        time: entry.time,
      }
    }
    const waiting = mempool.byId(id)
    if (!waiting) return undefined
    return {
      type: 'transfer',
      ...transferView(waiting.transfer, params),
      state: 'waiting',
      height: null,
      smell: null,
      confirmations: 0,
      time: Math.floor(waiting.addedAt / 1000),
    }
  }

  #account(address: Uint8Array): AccountPage {
    const { stack, nameOf } = this.#deps
    const { params } = stack
    const account = stack.account(address) ?? { balance: 0n, sequence: 0 }
    const ripening = stack.ripening(address).reduce((sum, { amount }) => sum + amount, 0n)
    return {
      type: 'account',
      address: formatAddress(address, params),
      balance: String(account.balance),
      sequence: account.sequence,
      ripening: String(ripening),
      activity: stack.activity(address, { limit: ACTIVITY }).map(({ kind, height, id, smell, amount, fee, counterparty, time }) => ({
        kind,
        height,
        id: id ?? null,
        smell,
        amount: String(amount),
        fee: String(fee),
        counterparty: counterparty ? formatAddress(counterparty, params) : null,
        time,
      })),
      name: nameOf(address),
    }
  }
}

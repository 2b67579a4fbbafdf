import type { CheeseStack } from '../chain/stack.ts'
import { relayId } from '../consensus/hash.ts'
import type { MempoolError } from '../mempool/errors.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { feeAt } from '../mempool/policy.ts'
import type { Waiting } from '../mempool/waiting.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import { err, ok } from '../util/result.ts'
import type { ChainPort, StackedTransfer, SubmitRefusal, WaitingTransfer } from '../wallet/ports.ts'

/** What of the network the wallet hears: who has our transfers. */
export interface SharePort {
  /** Announces a transfer that waits in our mempool to every peer. */
  broadcastTransfer(relayId: string): void
  /** Connected members that showed that they have it, with milliseconds since 1970. */
  seenBy(relayId: string): readonly { readonly memberId: string; readonly at: number }[]
  readonly directory: { get(memberId: string): { readonly card: { readonly nickname: string } } | undefined }
  peers(): readonly unknown[]
}

function waitingView({ id, transfer, addedAt }: Waiting): WaitingTransfer {
  return { id: fromHex(id), transfer, since: Math.floor(addedAt / 1000) }
}

function refusal({ code, message }: MempoolError): SubmitRefusal {
  return { code: code === 'fee-too-low' || code === 'replacement-fee' ? 'fee-too-low' : 'other', message }
}

/** The stack, the mempool and the network (undefined before it is open), as narrow as the wallet wants them. */
export function walletChain(stack: CheeseStack, mempool: Mempool, network: () => SharePort | undefined): ChainPort {
  return {
    tip() {
      const { height, time, smell } = stack.tip
      return { height, time, smell: fromHex(smell) }
    },
    smellAt(height) {
      const smell = stack.smellAt(height)
      return smell === undefined ? undefined : fromHex(smell)
    },
    account: (address) => stack.account(address),
    ripening: (address) => stack.ripening(address).reduce((sum, { amount }) => sum + amount, 0n),
    async activity(address, page) {
      const { total, entries } = stack.activityPage(address, page)
      return { total, entries: entries.map((entry) => ({ ...entry, smell: fromHex(entry.smell), id: entry.id === undefined ? undefined : fromHex(entry.id) })) }
    },
    async findTransfer(id): Promise<StackedTransfer | undefined> {
      const found = stack.findTransfer(toHex(id))
      const entry = found && stack.entry(found.smell)
      return found && entry ? { transfer: found.transfer, height: found.height, smell: fromHex(found.smell), time: entry.time } : undefined
    },
    waiting(address) {
      const hex = toHex(address)
      const all = new Map<string, Waiting>()
      for (const item of [...mempool.bySender(hex), ...mempool.payingTo(hex)]) all.set(item.id, item)
      return [...all.values()].map(waitingView)
    },
    async submit(transfer) {
      let added = await mempool.add(transfer, { local: true })
      if (!added.ok && added.error.code === 'sequence-far') {
        // A cheese may just be on its way onto or off the stack: ask again when it is there.
        await stack.flush()
        added = await mempool.add(transfer, { local: true })
      }
      if (added.ok) return ok(undefined)
      if (added.error.code !== 'known') return err(refusal(added.error))
      network()?.broadcastTransfer(toHex(relayId(transfer)))
      return ok(undefined)
    },
    suggestFee: (size) => mempool.suggestFee(size),
    minimumFee: (size) => feeAt(mempool.minFeeRate(), size),
    seenBy(id) {
      const waiting = mempool.byId(toHex(id))
      const net = network()
      if (!waiting || !net) return []
      return net.seenBy(waiting.relayId).map(({ memberId, at }) => ({
        memberId,
        nickname: net.directory.get(memberId)?.card.nickname ?? '',
        at: Math.floor(at / 1000),
      }))
    },
    peers: () => network()?.peers().length ?? 0,
    ahead: (id) => mempool.ahead(toHex(id)) ?? null,
    onTip: (handler) => stack.events.on('tip', handler),
    onMempool(handler) {
      const ends = [mempool.events.on('added', handler), mempool.events.on('removed', handler)]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}

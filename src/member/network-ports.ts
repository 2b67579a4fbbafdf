import type { CheeseStack } from '../chain/stack.ts'
import { decodeTransfer, encodeTransfer } from '../consensus/codec.ts'
import type { MempoolError } from '../mempool/errors.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { Waiting } from '../mempool/waiting.ts'
import type { ChainPort, MempoolPort, TransferVerdict } from '../net/ports.ts'
import type { Problems } from './problems.ts'

/** The stack as the network wants it. What fails on the disk is told to `problems` too. */
export function networkChain(stack: CheeseStack, problems: Problems): ChainPort {
  return {
    get tip() {
      return stack.tip
    },
    get bestHeader() {
      return stack.bestHeader
    },
    entry: (smell) => stack.entry(smell),
    entryAt: (height) => stack.entryAt(height),
    addHeaders: (headers) => problems.watchDisk(() => stack.addHeaders(headers)),
    addBody: (smell, body) => problems.watchDisk(() => stack.addBody(smell, body)),
    missingBodies: (limit) => stack.missingBodies(limit),
    hasBody: (smell) => stack.hasBody(smell),
    // Never one whose rules were not all checked: others would hold it against us.
    body: (smell) => (stack.entry(smell)?.state === 'valid' ? stack.body(smell) : undefined),
    onTip: (handler) => stack.events.on('tip', ({ connected }) => handler(connected.map(({ entry }) => entry))),
  }
}

function verdictOf({ code, fault }: MempoolError): TransferVerdict {
  if (code === 'known') return 'known'
  return fault === 'sender' ? 'broken' : 'refused'
}

/** Parents first: within a sender by sequence, senders by the fee rate of what they have waiting. */
function inSendableOrder(waiting: readonly Waiting[]): Waiting[] {
  const best = new Map<string, number>()
  for (const { sender, rate } of waiting) best.set(sender, Math.max(rate, best.get(sender) ?? 0))
  return [...waiting].sort((a, b) => {
    if (a.sender === b.sender) return a.transfer.sequence - b.transfer.sequence
    return (best.get(b.sender) ?? 0) - (best.get(a.sender) ?? 0) || (a.sender < b.sender ? -1 : 1)
  })
}

/** The mempool as the network wants it. */
export function networkMempool(mempool: Mempool): MempoolPort {
  return {
    has: (relayId) => mempool.has(relayId),
    get(relayId) {
      const waiting = mempool.byRelayId(relayId)
      return waiting && encodeTransfer(waiting.transfer)
    },
    inventory: (limit) =>
      inSendableOrder(mempool.all())
        .slice(0, limit)
        .map(({ relayId }) => relayId),
    async add(bytes) {
      const transfer = decodeTransfer(bytes)
      if (!transfer.ok) return 'broken'
      const added = await mempool.add(transfer.value)
      if (!added.ok) return verdictOf(added.error)
      return added.value.state === 'early' ? 'later' : 'added'
    },
    onAdded: (handler) => mempool.events.on('added', ({ entry }) => handler(entry.relayId)),
  }
}

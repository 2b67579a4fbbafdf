import type { CheeseStack } from '../chain/stack.ts'
import { decodeTransfer, encodeTransfer } from '../consensus/codec.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { ChainPort, MempoolPort } from './ports.ts'

/** A cheese stack as the network sees it. `watch` runs whatever writes to the store, and may look at what it throws. */
export function chainPort(stack: CheeseStack, watch: <T>(job: () => Promise<T>) => Promise<T> = (job) => job()): ChainPort {
  return {
    get tip() {
      return stack.tip
    },
    get bestHeader() {
      return stack.bestHeader
    },
    entry: (smell) => stack.entry(smell),
    entryAt: (height) => stack.entryAt(height),
    ancestor: (entry, height) => stack.ancestor(entry.smell, height),
    headersFrom: (height, limit) => stack.headersFrom(height, limit),
    addHeaders: (headers) => watch(() => stack.addHeaders(headers)),
    addBody: (smell, body) => watch(() => stack.addBody(smell, body)),
    prefetch: (smell, body) => stack.prefetch(smell, body),
    missingBodies: (limit) => stack.missingBodies(limit),
    hasBody: (smell) => stack.hasBody(smell),
    // Never one whose rules were not all checked: others would hold it against us.
    body: (smell) => (stack.entry(smell)?.state === 'valid' ? stack.body(smell) : undefined),
    onTip: (handler) => stack.events.on('tip', ({ connected }) => handler(connected.map(({ entry }) => entry))),
  }
}

/** A mempool as the network sees it. */
export function mempoolPort(mempool: Mempool): MempoolPort {
  return {
    has: (id) => mempool.has(id),
    get(id) {
      const entry = mempool.byRelayId(id)
      return entry && encodeTransfer(entry.transfer)
    },
    ids: () => mempool.relayIds(),
    kept(id) {
      const entry = mempool.kept(id)
      return entry && encodeTransfer(entry.transfer)
    },
    inventory: (limit) => mempool.inventory(limit),
    async add(bytes, from) {
      const transfer = decodeTransfer(bytes)
      if (!transfer.ok) return 'broken'
      const added = await mempool.add(transfer.value, { from })
      if (added.ok) return added.value.state === 'waiting' ? 'added' : 'later'
      if (added.error.code === 'known') return 'known'
      return added.error.fault === 'sender' ? 'broken' : 'refused'
    },
    onAdded: (handler) => mempool.events.on('added', ({ entry }) => handler(entry.relayId)),
  }
}

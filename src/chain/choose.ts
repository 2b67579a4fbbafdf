/** Which branch is the main stack: the complete one with the most work, first seen first. */
import type { RuleError } from '../consensus/errors.ts'
import type { Body, Smell } from '../consensus/types.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import type { StoreOp } from '../util/store.ts'
import { commonAncestor } from './branches.ts'
import { finishing, resumeCondemning } from './condemn.ts'
import type { StackCore } from './core.ts'
import type { HeaderNode } from './header-node.ts'
import { bodyKey, smellsInWaiting, waitingKey, waitingRange } from './keys.ts'
import { Pacer, pause } from './pause.ts'
import { decodeU32, encodeU32 } from './records.ts'

/** Headers of waiting bodies that are completed in one batch. */
const PIECE = 256

/** Stores a body that passed `checkBody` but does not stand on the tip. What it makes complete is for `completeAbove`. */
export async function storeBody(core: StackCore, node: HeaderNode, bytes: Uint8Array, body: Body): Promise<void> {
  const { index, store } = core
  const complete = node.parent?.complete === true
  // Seen from now on, when all below it is there.
  const order = complete ? index.takeOrder() : node.order
  const bestComplete = complete && node.work > index.bestComplete.work ? node : index.bestComplete
  const facts = { size: bytes.length, transfers: body.transfers.length, rewardTo: body.reward.to, rewardAmount: 0n }
  const ops: StoreOp[] = [
    { type: 'put', key: bodyKey(node.smellBytes), value: bytes },
    core.recordOp(node, index.record(node), { state: 'body', complete, facts, order }),
    index.treeOp({ bestComplete }),
  ]
  if (!complete) ops.push(waitingOp(node, 'put'))
  await store.batch(ops)
  Object.assign(node, { state: 'body', complete, order })
  index.bestComplete = bestComplete
  if (!complete) index.waiting++
}

function waitingOp(node: HeaderNode, type: 'put' | 'del'): StoreOp {
  const key = waitingKey(fromHex(node.parentSmell), node.smellBytes)
  return type === 'put' ? { type, key, value: encodeU32(node.height) } : { type, key }
}

/** Now that `node` is complete: so is what waited for it, and from now on is when that was seen. */
export async function completeAbove(core: StackCore, node: HeaderNode): Promise<void> {
  if (core.index.waiting === 0) return
  await finishing(core.index, async () => {
    let found: HeaderNode[] = []
    for (let level: Smell[] = [node.smell]; level.length > 0; ) {
      const next: HeaderNode[] = []
      for (const smell of level) next.push(...(await waitingOn(core, smell)))
      next.sort((a, b) => a.order - b.order)
      found.push(...next)
      if (found.length >= PIECE || next.length === 0) {
        await complete(core, found)
        found = []
      }
      level = next.map(({ smell }) => smell)
    }
  })
}

/** The cheeses on top of `smell` whose bodies wait for it. */
async function waitingOn({ store, index }: StackCore, smell: Smell): Promise<HeaderNode[]> {
  const found: HeaderNode[] = []
  for await (const [key, value] of store.entries(waitingRange(fromHex(smell)))) found.push(index.at(decodeU32(value), toHex(smellsInWaiting(key).smell)))
  return found
}

async function complete({ store, index, recordOp }: StackCore, nodes: readonly HeaderNode[]): Promise<void> {
  if (nodes.length === 0) return
  const orders = nodes.map(() => index.takeOrder())
  let best = index.bestComplete
  for (const node of nodes) if (node.work > best.work) best = node
  const ops = nodes.flatMap((node, i) => [recordOp(node, index.record(node), { complete: true, order: orders[i] as number }), waitingOp(node, 'del')])
  await store.batch([...ops, index.treeOp({ bestComplete: best })])
  nodes.forEach((node, i) => {
    Object.assign(node, { complete: true, order: orders[i] })
  })
  index.bestComplete = best
  index.waiting -= nodes.length
}

/** Finishes what a crash, or a store that failed, cut short: a condemnation, and bodies that wait for nothing any more. */
export async function tieLooseEnds(core: StackCore): Promise<void> {
  const { index, store } = core
  await resumeCondemning(core)
  index.waiting = 0
  const ready = new Map<Smell, HeaderNode>()
  for await (const [key, value] of store.entries(waitingRange())) {
    index.waiting++
    const parent = index.at(decodeU32(value) - 1, toHex(smellsInWaiting(key).parent))
    if (parent.complete) ready.set(parent.smell, parent)
  }
  for (const parent of ready.values()) await completeAbove(core, parent)
  index.hasLooseEnds = false
}

/**
 * Makes the best complete branch the main stack, one batch a cheese. Where a cheese of it breaks a rule, that branch is
 * marked and the next best is tried: back to where it was, if need be. A crash in between is made good at the next open.
 * Returns the cheeses that broke a rule.
 */
export async function activate(core: StackCore, sync: (node: HeaderNode) => boolean): Promise<ReadonlyMap<HeaderNode, RuleError>> {
  const { index } = core
  const broken = new Map<HeaderNode, RuleError>()
  while (index.bestComplete !== core.tip) {
    const target = index.bestComplete
    const fork = commonAncestor(index, target, core.tip)
    while (core.tip !== fork) {
      await core.disconnect()
      await pause()
    }
    for (let height = fork.height + 1; height <= target.height; height++) {
      const node = index.ancestor(target, height) as HeaderNode
      const pacer = new Pacer()
      const connected = await core.connect(node, { body: await pacer.run(core.bodySteps(node)), sync: sync(node), pacer })
      await pause()
      if (connected.ok) continue
      broken.set(node, connected.error)
      break
    }
  }
  return broken
}

/** Which branch is the main stack: the complete one with the most work, first seen first. */
import type { RuleError } from '../consensus/errors.ts'
import type { Body } from '../consensus/types.ts'
import type { StoreOp } from '../util/store.ts'
import type { StackCore } from './core.ts'
import { commonAncestor, type HeaderNode, isBetter, pathUp } from './header-index.ts'
import { bodyKey } from './keys.ts'
import { Pacer, pause } from './pause.ts'

/** The nodes above `node` whose bodies wait for its own to come, parents first. */
function waitingAbove(node: HeaderNode): HeaderNode[] {
  const found: HeaderNode[] = []
  const open = [node]
  for (let at = open.pop(); at; at = open.pop()) {
    for (const child of at.children()) {
      if (!child.hasBody) continue
      found.push(child)
      open.push(child)
    }
  }
  return found.sort((a, b) => a.height - b.height || a.order - b.order)
}

/** Notes that nodes and everything below them are there; from now on is when they were seen. */
function complete(core: StackCore, nodes: readonly HeaderNode[], orders: readonly number[]): void {
  nodes.forEach((node, i) => {
    node.complete = true
    node.order = orders[i] as number
    if (isBetter(node, core.bestComplete)) core.bestComplete = node
  })
}

/** Stores a body that passed `checkBody` but does not stand on the tip, and completes what it makes complete. */
export async function storeBody(core: StackCore, node: HeaderNode, bytes: Uint8Array, body: Body): Promise<void> {
  const completed = node.parent?.complete ? [node, ...waitingAbove(node)] : []
  const orders = completed.map(() => core.takeOrder())
  const facts = { size: bytes.length, transfers: body.transfers.length, rewardTo: body.reward.to, rewardAmount: 0n }
  const ops: StoreOp[] = [
    { type: 'put', key: bodyKey(node.smellBytes), value: bytes },
    core.recordOp(node, core.record(node), { state: 'body', facts, order: orders[0] ?? node.order }),
  ]
  for (let i = 1; i < completed.length; i++) {
    const above = completed[i] as HeaderNode
    ops.push(core.recordOp(above, core.record(above), { order: orders[i] as number }))
  }
  await core.store.batch(ops)
  node.state = 'body'
  complete(core, completed, orders)
}

/** After `node` was connected straight away: what waited for it becomes complete. */
export async function completeAbove(core: StackCore, node: HeaderNode): Promise<void> {
  const completed = waitingAbove(node).filter((at) => !at.complete)
  if (completed.length === 0) return
  const orders = completed.map(() => core.takeOrder())
  await core.store.batch(completed.map((at, i) => core.recordOp(at, core.record(at), { order: orders[i] as number })))
  complete(core, completed, orders)
}

/**
 * Makes the best complete branch the main stack, one batch a cheese. Where a cheese of it breaks a rule, that branch is
 * marked and the next best is tried: back to where it was, if need be. A crash in between is made good at the next open.
 * Returns the cheeses that broke a rule.
 */
export async function activate(core: StackCore, sync: (node: HeaderNode) => boolean): Promise<ReadonlyMap<HeaderNode, RuleError>> {
  const broken = new Map<HeaderNode, RuleError>()
  while (core.bestComplete !== core.tip) {
    const target = core.bestComplete
    const fork = commonAncestor(target, core.tip)
    while (core.tip !== fork) {
      await core.disconnect()
      await pause()
    }
    for (const node of pathUp(fork, target)) {
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

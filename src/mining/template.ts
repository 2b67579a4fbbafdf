import { encodeHeader, encodeReward, MAX_BODY_BYTES } from '../consensus/codec.ts'
import { HEADER_VERSION } from '../consensus/header.ts'
import { bodyRootSteps } from '../consensus/merkle.ts'
import { bitsToTarget } from '../consensus/target.ts'
import type { Body, Cheese, Header, Transfer } from '../consensus/types.ts'
import { bigIntToBytes, equalBytes } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import { assert } from '../util/result.ts'
import type { Steps } from '../util/steps.ts'
import type { MiningPorts } from './ports.ts'

/** A cheese that lacks nothing but its nonce. */
export interface Template {
  readonly height: number
  readonly minTime: number
  /** With nonce 0. */
  readonly header: Header
  readonly body: Body
  /** 32 bytes, big-endian. */
  readonly target: Uint8Array
}

/** u32 count of transfers. */
const COUNT_BYTES = 4
/** Transfers that turn out invalid before a template does without any. */
const MAX_TRIES = 20

/**
 * The template for the next cheese, in steps: to be given up when the tip moves meanwhile.
 * @param to what it pays, 20 bytes
 * @param extra at most 32 bytes; unlike any other template's, so that two miners of one address never search the same header
 * @param now Unix seconds
 * @param empty without transfers, whatever waits: that takes no time
 */
export function* templateSteps(ports: MiningPorts, to: Uint8Array, extra: Uint8Array, now: number, log: Logger, empty = false): Steps<Template> {
  const { parent, height, bits, minTime } = ports.next()
  const target = bitsToTarget(bits)
  assert(target !== undefined, 'the chain asks for bits that mean a target')
  const reward = { height, to, extra }
  const best = empty ? [] : ports.select(MAX_BODY_BYTES - encodeReward(reward).length - COUNT_BYTES)
  const { transfers, accountsRoot } = yield* fill(ports, best, log)
  const body: Body = { reward, transfers }
  const root = yield* bodyRootSteps(body)
  const header: Header = { version: HEADER_VERSION, parent, accountsRoot, bodyRoot: root, time: Math.max(minTime, now), bits, nonce: 0n }
  return { height, minTime, header, body, target: bigIntToBytes(target, 32) }
}

function* fill(
  ports: MiningPorts,
  best: readonly Transfer[],
  log: Logger,
): Steps<{ readonly transfers: readonly Transfer[]; readonly accountsRoot: Uint8Array }> {
  let transfers = best
  for (let tries = 0; ; tries++) {
    const preview = yield* ports.preview(transfers)
    if (preview.ok) return { transfers, accountsRoot: preview.value.accountsRoot }
    // The mempool lets nothing wait that cannot be connected; should it be wrong, mining goes on without that sender.
    const bad = transfers[preview.error.transfer ?? -1]
    log.error('a waiting transfer cannot be connected', { rule: preview.error.message })
    assert(transfers.length > 0, `an empty cheese cannot be connected: ${preview.error.message}`)
    transfers = bad && tries < MAX_TRIES ? transfers.filter(({ from }) => !equalBytes(from, bad.from)) : []
  }
}

/** The same template at a later time; the time never goes back. */
export function retime(template: Template, now: number): Template {
  return { ...template, header: { ...template.header, time: Math.max(template.minTime, template.header.time, now) } }
}

/** The header's bytes, for the search. */
export function searchBytes(template: Template): Uint8Array {
  return encodeHeader(template.header)
}

/** The cheese with the nonce that was found. */
export function finish({ header, body }: Template, nonce: bigint): Cheese {
  return { header: { ...header, nonce }, body }
}

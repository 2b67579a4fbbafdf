/** RFC 6962 section 2.1, the Merkle tree hash: leaves and nodes are hashed apart, so no leaf can be counted twice. */

import { allAtOnce, type Steps } from '../util/steps.ts'
import { encodeReward, encodeTransfer } from './codec.ts'
import { sha256 } from './hash.ts'
import { shared } from './sha256.ts'
import type { Body } from './types.ts'

const LEAF = Uint8Array.of(0)

/** The tree hash of `leaves`, in order; of none, the hash of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  return allAtOnce(merkleRootSteps(leaves))
}

/** `merkleRoot` in steps. */
export function* merkleRootSteps(leaves: readonly Uint8Array[]): Steps<Uint8Array> {
  if (leaves.length === 0) return sha256()
  // A subtree is finished as soon as it is perfect, so the pending ones are perfect and ever smaller (as in a binary counter).
  const pending: { hash: Uint8Array; size: number }[] = []
  for (const leaf of leaves) {
    let hash = sha256(LEAF, leaf)
    let size = 1
    for (let last = pending.at(-1); last?.size === size; last = pending.at(-1)) {
      pending.pop()
      hash = shared.node(last.hash, hash)
      size *= 2
    }
    pending.push({ hash, size })
    yield
  }
  return pending.map(({ hash }) => hash).reduceRight((right, left) => shared.node(left, right))
}

/** The root over the encodings of a body's reward and transfers, the reward first. */
export function bodyRoot(body: Body): Uint8Array {
  return allAtOnce(bodyRootSteps(body))
}

/** `bodyRoot` in steps. */
export function bodyRootSteps(body: Body): Steps<Uint8Array> {
  return merkleRootSteps([encodeReward(body.reward), ...body.transfers.map(encodeTransfer)])
}

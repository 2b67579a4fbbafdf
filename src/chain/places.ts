/**
 * Whether the stored index of transfers is what the main stack makes of it. Looking up each transfer would take longer than
 * everything else but its signature, so both sides are read through in their own order and added up; what was added up
 * differently is looked for one by one.
 */
import { equalBytes } from '../util/bytes.ts'
import type { StackCore } from './core.ts'
import type { HeaderNode } from './header-node.ts'
import { idInKey, transferKey, transferRange } from './keys.ts'
import { Pacer } from './pause.ts'
import { encodePair } from './records.ts'
import { idsSteps } from './writes.ts'

/** A murmur-like mix of 32 bits, so that what is added up depends on every bit of a place. */
function mix(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35)
  return x ^ (x >>> 16)
}

/** A sum over transfers and their places that does not depend on their order. It finds damage, not malice: ids are hashes, and the store is our own. */
export class PlaceSum {
  count = 0
  #high = 0
  #low = 0

  /** @param id of a transfer, 32 bytes */
  add(id: Uint8Array, height: number, position: number): void {
    this.count++
    let [a, b] = [mix(height), mix(position ^ 0x5bd1_e995)]
    for (let at = 0; at + 8 <= id.length; at += 8) {
      a = mix(a + word(id, at))
      b = mix(b + word(id, at + 4) + a)
    }
    this.#high = (this.#high + a) | 0
    this.#low = (this.#low + b) | 0
  }

  equals(other: PlaceSum): boolean {
    return this.count === other.count && this.#high === other.#high && this.#low === other.#low
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
}

/** The sum over everything in the stored index. A place that cannot be read counts as another one. */
export async function storedPlaces({ store }: StackCore): Promise<PlaceSum> {
  const sum = new PlaceSum()
  const pacer = new Pacer()
  for await (const [key, value] of store.entries(transferRange)) {
    sum.add(idInKey(key), value.length === 8 ? word(value, 0) : -1, value.length === 8 ? word(value, 4) : -1)
    if (pacer.isLate) await pacer.pause()
  }
  return sum
}

/** The first height up to `last` at which a transfer's stored place is another one, by looking up each. */
export async function firstWrongPlace(core: StackCore, last: number): Promise<number | undefined> {
  for (let height = 1; height <= last; height++) {
    const pacer = new Pacer()
    const body = await pacer.run(core.bodySteps(core.mainAt(height) as HeaderNode))
    for (const [position, id] of (await pacer.run(idsSteps(body, core.params))).entries()) {
      if (!equalBytes(core.store.get(transferKey(id)) ?? new Uint8Array(), encodePair(height, position))) return height
      if (pacer.isLate) await pacer.pause()
    }
    await pacer.pause()
  }
  return undefined
}

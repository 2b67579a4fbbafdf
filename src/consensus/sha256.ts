/**
 * SHA-256 (FIPS 180-4) for everything that members agree on: most of the work that is left of a cheese once its signatures
 * are verified. All of it goes through one memory, in which blocks are laid out and compressed, by WebAssembly or, where
 * that cannot be had, by the same in JavaScript. Tests hold both against noble's.
 */
import { type Compression, K, openCompression } from './sha256-wasm.ts'

/** FIPS 180-4, section 5.3.3. */
const IV = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]

/** How the memory is used: initial states of 32 bytes each (the first is `IV`), a result, a node's two blocks, a page, input. */
const MAX_STATES = 16
const RESULT = 1_024
const NODE = 1_152
const PAGE = 2_048
const INPUT = 4_096
const MEMORY_BYTES = 65_536
/** Input that is laid out at once: whole blocks. */
const PIECE = MEMORY_BYTES - INPUT - 128

/** Number of an initial state: 0, or what `stateAfter` gave. */
export type InitialState = number

/** The compression in JavaScript, over a memory of its own. */
export function plainCompression(): Compression {
  const memory = new Uint8Array(MEMORY_BYTES)
  const view = new DataView(memory.buffer)
  const w = new Int32Array(64)
  const rotr = (x: number, by: number) => (x >>> by) | (x << (32 - by))
  const at = (i: number) => w[i] as number
  return {
    memory,
    run(init, block, count, out) {
      const state = Array.from({ length: 8 }, (_, i) => view.getInt32(init + 4 * i, true))
      for (let n = 0; n < count; n++) {
        for (let t = 0; t < 16; t++) w[t] = view.getInt32(block + 64 * n + 4 * t)
        for (let t = 16; t < 64; t++) {
          const s0 = rotr(at(t - 15), 7) ^ rotr(at(t - 15), 18) ^ (at(t - 15) >>> 3)
          const s1 = rotr(at(t - 2), 17) ^ rotr(at(t - 2), 19) ^ (at(t - 2) >>> 10)
          w[t] = at(t - 16) + s0 + at(t - 7) + s1
        }
        let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number]
        for (let t = 0; t < 64; t++) {
          const t1 = (h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + (K[t] as number) + at(t)) | 0
          const t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (c & (a ^ b)))) | 0
          h = g
          g = f
          f = e
          e = (d + t1) | 0
          d = c
          c = b
          b = a
          a = (t1 + t2) | 0
        }
        for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = ((state[i] as number) + value) | 0
      }
      for (const [i, value] of state.entries()) {
        view.setInt32(out + 4 * i, value)
        view.setInt32(out + 32 + 4 * i, value, true)
      }
    },
  }
}

/** SHA-256 over one compression and its memory. What is laid out in the memory is gone with the next call of anything here. */
export class Sha256 {
  readonly #memory: Uint8Array
  readonly #view: DataView
  readonly #run: Compression['run']
  readonly #node: NonNullable<Compression['node']>
  #states = 1

  constructor({ memory, run, node }: Compression) {
    this.#memory = memory
    this.#view = new DataView(memory.buffer)
    this.#run = run
    this.#node =
      node ??
      ((init, before, out) => {
        memory.copyWithin(NODE + 1, before + 1, before + 65)
        run(init, NODE, 2, RESULT)
        memory.copyWithin(out, RESULT, RESULT + 32)
      })
    for (const [i, word] of IV.entries()) this.#view.setUint32(4 * i, word, true)
    memory[NODE] = 1
    memory[NODE + 65] = 0x80
    this.#view.setUint32(NODE + 124, 65 * 8)
  }

  /** The hash of `parts`, one after the other, from an initial state on. */
  hash(state: InitialState, parts: readonly Uint8Array[]): Uint8Array {
    const memory = this.#memory
    let from = 32 * state
    let before = state === 0 ? 0 : 64
    let at = INPUT
    for (const part of parts) {
      if (at + part.length <= INPUT + PIECE) {
        memory.set(part, at)
        at += part.length
        continue
      }
      for (let taken = 0; taken < part.length; ) {
        const piece = part.subarray(taken, taken + INPUT + PIECE - at)
        memory.set(piece, at)
        at += piece.length
        taken += piece.length
        if (at < INPUT + PIECE) continue
        this.#run(from, INPUT, PIECE / 64, RESULT)
        before += PIECE
        from = RESULT + 32
        at = INPUT
      }
    }
    const total = before + at - INPUT
    const blocks = (at - INPUT + 9 + 63) >> 6
    const end = INPUT + 64 * blocks
    memory.fill(0, at + 1, end)
    memory[at] = 0x80
    this.#view.setUint32(end - 4, total << 3)
    if (total >= 2 ** 29) this.#view.setUint32(end - 8, Math.floor(total / 2 ** 29))
    this.#run(from, INPUT, blocks, RESULT)
    return memory.slice(RESULT, RESULT + 32)
  }

  /** The state after one block of 64 bytes, to begin hashes with. There is room for a few. */
  stateAfter(block: Uint8Array): InitialState {
    if (block.length !== 64 || this.#states >= MAX_STATES) throw new Error('bug: an initial state is made of 64 bytes, and there are few')
    this.#memory.set(block, INPUT)
    this.#run(0, INPUT, 1, RESULT)
    this.#memory.copyWithin(32 * this.#states, RESULT + 32, RESULT + 64)
    return this.#states++
  }

  /** SHA-256(0x01 ‖ left ‖ right), 32 bytes each. */
  node(left: Uint8Array, right: Uint8Array): Uint8Array {
    this.#memory.set(left, NODE + 1)
    this.#memory.set(right, NODE + 33)
    this.#node(0, NODE, RESULT)
    return this.#memory.slice(RESULT, RESULT + 32)
  }

  /** As `node`, of the 64 bytes at `from` in the page; the hash is put at `to` in it. */
  nodeInPage(from: number, to: number): void {
    this.#node(0, PAGE + from - 1, PAGE + to)
  }

  /** The 2,048 bytes that `nodeInPage` works on, for whoever lays them out and reads them before the next hash of anything else. */
  get page(): Uint8Array {
    return this.#memory.subarray(PAGE, PAGE + 2_048)
  }
}

/** WebAssembly's where it is there and agrees with JavaScript's on a block: what differed would part this member from all others. */
function best(): Sha256 {
  const plain = new Sha256(plainCompression())
  const fast = openCompression()
  if (!fast) return plain
  const sha = new Sha256(fast)
  const sample = Uint8Array.from({ length: 200 }, (_, i) => i)
  const [left, right] = [sample.subarray(0, 32), sample.subarray(32, 64)]
  const results = (one: Sha256) => [...one.hash(0, [sample]), ...one.node(left, right)]
  const wanted = results(plain)
  return results(sha).every((byte, i) => byte === wanted[i]) ? sha : plain
}

/** The one that everything here shares: it is never interrupted. */
export const shared: Sha256 = best()

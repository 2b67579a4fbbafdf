/**
 * SHA-256's compression function (FIPS 180-4, section 6.2.2) as WebAssembly, put together here instruction by instruction:
 * the 64 rounds are written out with everything in locals, which no compiler of JavaScript does. Three to four times as
 * fast as the same in JavaScript, in every host that has WebAssembly, and nothing has to be built beforehand.
 */

/** What is used of WebAssembly: the types of pure code do not name it. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}

export interface Compression {
  /** The memory that `run` works on: 64 KiB, and maybe more behind it that is not to be touched. */
  readonly memory: Uint8Array
  /**
   * Compresses `count` (at least 1) blocks of 64 bytes at `block`, starting from the eight words at `init`. The digest is
   * put at `out` (32 bytes, big-endian words), and the state itself, which may be an `init`, behind it at `out` + 32.
   */
  run(init: number, block: number, count: number, out: number): void
  /**
   * The hash, put at `out`, of 0x01 and the 64 bytes that begin one behind `before`, from the eight words at `init` on.
   * Undefined where there is no faster way than `run`.
   */
  readonly node?: ((init: number, before: number, out: number) => void) | undefined
}

/** FIPS 180-4, section 4.2.2. */
// biome-ignore format: a table
export const K = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]

/** Opcodes of the WebAssembly core specification, section 5.4. */
const LOOP = 0x03
const NO_RESULT = 0x40
const BR_IF = 0x0d
const GET = 0x20
const SET = 0x21
const TEE = 0x22
const CONST = 0x41
const LOAD = 0x28
const LOAD_BYTE = 0x2d
const SHL = 0x74
const STORE = 0x36
const ADD = 0x6a
const SUB = 0x6b
const AND = 0x71
const OR = 0x72
const XOR = 0x73
const SHR = 0x76
const ROTL = 0x77
const ROTR = 0x78
const END = 0x0b
const I32 = 0x7f

/** The four parameters, then 34 locals. */
const [INIT, BLOCK, COUNT, OUT] = [0, 1, 2, 3]
const STATE = 4
const VARIABLES = 12
const WORDS = 20
const SUM = 36
const SWAPPED = 37
const LOCALS = 34

/** Appends a number as LEB128, signed or not (section 5.2.2). */
function leb(out: number[], value: number, signed: boolean): void {
  for (let left = signed ? value | 0 : value; ; ) {
    const byte = left & 0x7f
    left = signed ? left >> 7 : left >>> 7
    const done = signed ? (left === 0 && (byte & 0x40) === 0) || (left === -1 && (byte & 0x40) !== 0) : left === 0
    out.push(done ? byte : byte | 0x80)
    if (done) return
  }
}

/** Writes instructions one after the other. */
class Code {
  readonly bytes: number[] = []

  get(local: number): this {
    this.bytes.push(GET, local)
    return this
  }

  set(local: number): this {
    this.bytes.push(SET, local)
    return this
  }

  constant(value: number): this {
    this.bytes.push(CONST)
    leb(this.bytes, value, true)
    return this
  }

  op(...opcodes: number[]): this {
    this.bytes.push(...opcodes)
    return this
  }

  /** Loads or, with the address and the value on the stack, stores a word. */
  access(opcode: number, offset: number): this {
    this.bytes.push(opcode, 2)
    leb(this.bytes, offset, false)
    return this
  }

  rotr(local: number, by: number): this {
    return this.get(local).constant(by).op(ROTR)
  }

  /** The bytes of the word in `local` the other way round. */
  swapped(local: number): this {
    this.get(local).constant(8).op(ROTL).constant(0x00ff00ff).op(AND)
    return this.get(local).constant(24).op(ROTL).constant(0xff00ff00).op(AND, OR)
  }

  /** Puts the message's word and the constant of round `t` on the stack, one added to the other. */
  scheduled(t: number): this {
    const word = (n: number) => WORDS + (n % 16)
    const [w, old, late] = [word(t), word(t + 1), word(t + 14)]
    if (t >= 16) {
      this.get(w)
        .rotr(old, 7)
        .rotr(old, 18)
        .op(XOR)
        .get(old)
        .constant(3)
        .op(SHR, XOR, ADD)
        .get(word(t + 9))
        .op(ADD)
      this.rotr(late, 17).rotr(late, 19).op(XOR).get(late).constant(10).op(SHR, XOR, ADD).set(w)
    }
    return this.constant(K[t] as number)
      .get(w)
      .op(ADD)
  }

  /** Round `t`; the variables change their roles instead of their places. @param word puts its word and constant on the stack */
  round(t: number, word: () => void): void {
    const variable = (role: number) => VARIABLES + ((role - t + 64) % 8)
    const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(variable) as [number, number, number, number, number, number, number, number]
    word()
    this.get(h).rotr(e, 6).rotr(e, 11).op(XOR).rotr(e, 25).op(XOR, ADD)
    this.get(g).get(e).get(f).get(g).op(XOR, AND, XOR, ADD)
    this.op(ADD).set(SUM)
    this.get(d).get(SUM).op(ADD).set(d)
    this.get(SUM).rotr(a, 2).rotr(a, 13).op(XOR).rotr(a, 22).op(XOR, ADD)
    this.get(a).get(b).op(AND).get(c).get(a).get(b).op(XOR, AND, XOR, ADD).set(h)
  }
}

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7]

function loadState(code: Code): void {
  for (const i of EIGHT)
    code
      .get(INIT)
      .access(LOAD, 4 * i)
      .set(STATE + i)
}

function loadWords(code: Code): void {
  for (let i = 0; i < 16; i++)
    code
      .get(BLOCK)
      .access(LOAD, 4 * i)
      .set(SWAPPED)
      .swapped(SWAPPED)
      .set(WORDS + i)
}

/** The 64 rounds on the state. */
function compress(code: Code, word: (t: number) => void): void {
  for (const i of EIGHT) code.get(STATE + i).set(VARIABLES + i)
  for (let t = 0; t < 64; t++) code.round(t, () => word(t))
  for (const i of EIGHT)
    code
      .get(STATE + i)
      .get(VARIABLES + i)
      .op(ADD)
      .set(STATE + i)
}

function storeDigest(code: Code): void {
  for (const i of EIGHT)
    code
      .get(OUT)
      .swapped(STATE + i)
      .access(STORE, 4 * i)
}

/** Of the second block of a node only the first byte differs from node to node: its schedules, constants added, for each. */
const TABLE = 65_536
const TABLE_ENTRY = 256

/** `node`, with the parameters where `run` has them; the table of schedules is the third. */
function nodeCode(): number[] {
  const code = new Code()
  loadState(code)
  loadWords(code)
  code.get(WORDS).constant(0x00ffffff).op(AND).constant(0x01000000).op(OR).set(WORDS)
  compress(code, (t) => code.scheduled(t))
  code.get(BLOCK).op(LOAD_BYTE, 0)
  leb(code.bytes, 64, false)
  code.constant(8).op(SHL).constant(TABLE).op(ADD).set(COUNT)
  compress(code, (t) => code.get(COUNT).access(LOAD, 4 * t))
  storeDigest(code)
  return code.op(END).bytes
}

/** Fills the entry of one first byte. */
function fillEntry(table: DataView, byte: number): void {
  const w = new Int32Array(64)
  w[0] = (byte << 24) | 0x80_0000
  w[15] = 65 * 8
  for (let t = 0; t < 64; t++) {
    if (t >= 16) {
      const early = w[t - 15] as number
      const late = w[t - 2] as number
      const sum = (rotr(early, 7) ^ rotr(early, 18) ^ (early >>> 3)) + (rotr(late, 17) ^ rotr(late, 19) ^ (late >>> 10))
      w[t] = sum + (w[t - 16] as number) + (w[t - 7] as number)
    }
    table.setInt32(TABLE_ENTRY * byte + 4 * t, (w[t] as number) + (K[t] as number), true)
  }
}

const rotr = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

function runCode(): number[] {
  const code = new Code()
  loadState(code)
  code.op(LOOP, NO_RESULT)
  loadWords(code)
  compress(code, (t) => code.scheduled(t))
  code.get(BLOCK).constant(64).op(ADD).set(BLOCK)
  code.get(COUNT).constant(1).op(SUB).op(TEE, COUNT).op(BR_IF, 0, END)
  storeDigest(code)
  for (const i of EIGHT)
    code
      .get(OUT)
      .get(STATE + i)
      .access(STORE, 32 + 4 * i)
  return code.op(END).bytes
}

/** The whole module (section 5.5): the functions `run` and `node`, and two pages of memory, `memory`. */
export function compressionModule(): Uint8Array {
  const length = (value: number): number[] => {
    const out: number[] = []
    leb(out, value, false)
    return out
  }
  const section = (id: number, content: readonly number[]): number[] => [id, ...length(content.length), ...content]
  const name = (text: string): number[] => [text.length, ...[...text].map((character) => character.charCodeAt(0))]
  const codes = [runCode(), nodeCode()].map((code) => [1, LOCALS, I32, ...code])
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 4, I32, I32, I32, I32, 0]),
    ...section(3, [2, 0, 0]),
    ...section(5, [1, 0, 2]),
    ...section(7, [3, ...name('run'), 0, 0, ...name('node'), 0, 1, ...name('memory'), 2, 0]),
    ...section(10, [2, ...codes.flatMap((code) => [...length(code.length), ...code])]),
  ])
}

/** The function ready to run, or undefined where there is no WebAssembly or it may not be used. */
export function openCompression(): Compression | undefined {
  try {
    const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(compressionModule()))
    type Run = Compression['run']
    const { memory, run, node } = exports as { readonly memory: { readonly buffer: ArrayBuffer }; readonly run: Run; readonly node: Run }
    const bytes = new Uint8Array(memory.buffer)
    const table = new DataView(memory.buffer, TABLE)
    // Filled as they are needed: all at once would take longer than all else at start.
    const isFilled = new Uint8Array(256)
    return {
      memory: bytes,
      run,
      node(init, before, out) {
        const last = bytes[before + 64] as number
        if (isFilled[last] === 0) {
          fillEntry(table, last)
          isFilled[last] = 1
        }
        node(init, before, 0, out)
      },
    }
  } catch {
    return undefined
  }
}

/**
 * Bodies that wait for their turn and are looked at meanwhile: shape, root, limits of fields and signatures need nothing
 * from the cheeses below. So all cores verify what comes next while one thread connects what comes now.
 */
import { checkBodySteps } from '../consensus/connect.ts'
import type { RuleError } from '../consensus/errors.ts'
import type { Body, Header } from '../consensus/types.ts'
import { equalBytes } from '../util/bytes.ts'
import { SerialQueue } from '../util/queue.ts'
import type { Result } from '../util/result.ts'
import type { BadSignature } from './judge.ts'
import { Pacer, pause } from './pause.ts'

/** What was found out about a body of exactly these bytes under exactly this header. */
export interface LookedAt {
  /** As `checkBody` returns it. */
  readonly body: Result<Body, RuleError>
  /** The first bad signature; of a body that is itself in order. It is still being looked for, maybe. */
  readonly bad: Promise<number | undefined>
}

/** Looks at a body: prepares it here, in steps, and has the signatures verified without waiting for them. Rejects when the verifier fails. */
export async function lookAt(bytes: Uint8Array, header: Pick<Header, 'bodyRoot'>, height: number, badSignature: BadSignature): Promise<LookedAt> {
  const body = await new Pacer().run(checkBodySteps(bytes, header, height))
  const bad = body.ok ? badSignature(body.value.transfers) : Promise.resolve(undefined)
  bad.catch(() => undefined) // whoever uses it awaits it
  return { body, bad }
}

interface Entry {
  readonly bytes: Uint8Array
  readonly height: number
  /** Undefined until its turn has come. */
  looking: Promise<LookedAt> | undefined
}

/** Most bytes of bodies that are kept decoded: what they become in memory is some six times as much. */
const MAX_BYTES = 8_388_608

/** A bounded number of bodies that were looked at ahead of their turn, by smell. */
export class BodiesAhead {
  readonly #entries = new Map<string, Entry>()
  readonly #queue = new SerialQueue()
  readonly #badSignature: BadSignature
  readonly #maxBytes: number
  #bytes = 0

  /** @param maxBytes of encoded bodies that are kept at once; one body is always taken */
  constructor(badSignature: BadSignature, maxBytes = MAX_BYTES) {
    this.#badSignature = badSignature
    this.#maxBytes = maxBytes
  }

  /** Bytes of the bodies that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether there is room for a body of so many bytes. */
  hasRoom(length: number): boolean {
    return this.#bytes === 0 || this.#bytes + length <= this.#maxBytes
  }

  /**
   * Begins to look at a body; one that is kept already stays as it is.
   * @param bytes must not be changed while they are kept
   * @returns false where there is no room
   */
  add(smell: string, bytes: Uint8Array, header: Pick<Header, 'bodyRoot'>, height: number): boolean {
    if (this.#entries.has(smell)) return true
    if (!this.hasRoom(bytes.length)) return false
    const entry: Entry = { bytes, height, looking: undefined }
    this.#entries.set(smell, entry)
    this.#bytes += bytes.length
    // One after the other: several at once would make longer turns of the main loop.
    void this.#queue.run(async () => {
      // Many that came at once are looked at in as many turns.
      await pause()
      if (this.#entries.get(smell) !== entry) return
      entry.looking = lookAt(bytes, header, height, this.#badSignature)
      await entry.looking.catch(() => undefined) // whoever takes it hears of it
    })
    return true
  }

  /**
   * What was found out about `bytes` as the body of `smell`, which is then forgotten; undefined when nothing was, or when
   * other bytes were looked at.
   */
  take(smell: string, bytes: Uint8Array): Promise<LookedAt> | undefined {
    const entry = this.#entries.get(smell)
    if (!entry) return undefined
    this.#drop(smell, entry)
    return entry.bytes === bytes || equalBytes(entry.bytes, bytes) ? entry.looking : undefined
  }

  /** Forgets the bodies at or below `height`: their turn has come, or they are on a branch that is not being connected. */
  forgetUpTo(height: number): void {
    for (const [smell, entry] of this.#entries) if (entry.height <= height) this.#drop(smell, entry)
  }

  /** Forgets everything: what was looked at lies on a branch that is not being connected, maybe. */
  clear(): void {
    for (const [smell, entry] of this.#entries) this.#drop(smell, entry)
  }

  #drop(smell: string, entry: Entry): void {
    this.#entries.delete(smell)
    this.#bytes -= entry.bytes.length
  }
}

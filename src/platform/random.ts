import { randomBytes } from 'node:crypto'
import type { Random } from '../util/ports.ts'

/** The operating system's randomness. */
export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  fraction: () => Math.random(),
}

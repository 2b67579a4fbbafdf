/**
 * Every key of the chain's store. Integers are big-endian, so that heights and numbers sort upwards.
 *
 *   key                          value
 *   'f'                          format: u32 schema · blue cheese smell 32 · network's name
 *   'p'                          tip of the main stack: smell 32
 *   'q'                          which branches are best: smell of the best header 32 · of the best complete cheese 32 · next order u64
 *   'h' height 4 · smell 32      a header of the tree and what is known of its cheese (records.ts, HeaderRecord)
 *   's' smell 32                 where a header lies: height u32 · at even heights above 0: smell 32 of its ancestor at skipHeight (header-index.ts)
 *   'w' parent 32 · smell 32     a body that waits for one below it to come: height u32
 *   'b' smell 32                 an encoded body, of the main stack or of a branch
 *   'u' smell 32                 undo of a connected cheese: the accounts that it changed, as they were before (records.ts)
 *   'i' height 4                 smell 32 of the main stack's cheese at that height
 *   'a' address 20               account: balance u64 · sequence u32
 *   'n' node key                 node of the accounts tree, as consensus/tree.ts writes it
 *   't' transfer id 32           height u32 · position in the body u32, main stack only
 *   'c' address 20               number of activity entries of an address: u32
 *   'x' address 20 · number 4    activity entry, numbered from 0 upwards (indexes.ts, activity.ts), main stack only
 *
 *   'd'                          a condemnation that is under way (condemn.ts): height u32 · smell 32 · rule code, ASCII
 *   'y'                          damage was found while the stack was open (nothing in it): the next opening says so
 *   'm'                          a migration that is under way (migrate.ts): height u32 · what will be under 'q'
 *
 * Everything but 'q', 'h', 's', 'w', 'b', 'd', 'y' and 'm' follows from the main stack and is written in the same batch as 'p'.
 */
/** Raised when the meaning of a key or value changes; a store with a higher one is refused, one with a lower one migrated (migrate.ts). */
export const SCHEMA = 2

const letter = (text: string): number => text.charCodeAt(0)
const HEADER = letter('h')
const PLACE = letter('s')
const WAITING = letter('w')
const BODY = letter('b')
const UNDO = letter('u')
const INDEX = letter('i')
const ACCOUNT = letter('a')
const NODE = letter('n')
const TRANSFER = letter('t')
const COUNT = letter('c')
const ACTIVITY = letter('x')

export const FORMAT_KEY = Uint8Array.of(letter('f'))
export const TIP_KEY = Uint8Array.of(letter('p'))
export const TREE_KEY = Uint8Array.of(letter('q'))
export const CONDEMNING_KEY = Uint8Array.of(letter('d'))
export const DAMAGED_KEY = Uint8Array.of(letter('y'))
export const MIGRATING_KEY = Uint8Array.of(letter('m'))

function keyOf(prefix: number, ...parts: readonly (Uint8Array | number)[]): Uint8Array {
  let length = 1
  for (const part of parts) length += typeof part === 'number' ? 4 : part.length
  const out = new Uint8Array(length)
  out[0] = prefix
  let at = 1
  for (const part of parts) {
    if (typeof part === 'number') {
      new DataView(out.buffer).setUint32(at, part)
      at += 4
    } else {
      out.set(part, at)
      at += part.length
    }
  }
  return out
}

export const headerKey = (height: number, smell: Uint8Array): Uint8Array => keyOf(HEADER, height, smell)
export const placeKey = (smell: Uint8Array): Uint8Array => keyOf(PLACE, smell)
export const waitingKey = (parent: Uint8Array, smell: Uint8Array): Uint8Array => keyOf(WAITING, parent, smell)
export const bodyKey = (smell: Uint8Array): Uint8Array => keyOf(BODY, smell)
export const undoKey = (smell: Uint8Array): Uint8Array => keyOf(UNDO, smell)
export const indexKey = (height: number): Uint8Array => keyOf(INDEX, height)
export const accountKey = (address: Uint8Array): Uint8Array => keyOf(ACCOUNT, address)
export const nodeKey = (key: Uint8Array): Uint8Array => keyOf(NODE, key)
export const transferKey = (id: Uint8Array): Uint8Array => keyOf(TRANSFER, id)
export const countKey = (address: Uint8Array): Uint8Array => keyOf(COUNT, address)
export const activityKey = (address: Uint8Array, number: number): Uint8Array => keyOf(ACTIVITY, address, number)

/** Bounds of all header records at heights `from` up to and without `to`; of all from `from` on when `to` is left out. */
export const headerRange = (from: number, to?: number): { gte: Uint8Array; lt: Uint8Array } => ({
  gte: keyOf(HEADER, from),
  lt: to === undefined ? Uint8Array.of(HEADER + 1) : keyOf(HEADER, to),
})
/** Bounds of all bodies that wait; of those on `parent` when it is given. */
export const waitingRange = (parent?: Uint8Array): { gte: Uint8Array; lt: Uint8Array } =>
  parent ? { gte: keyOf(WAITING, parent), lt: keyOf(WAITING, parent, new Uint8Array(33).fill(255)) } : { gte: keyOf(WAITING), lt: Uint8Array.of(WAITING + 1) }
/** Bounds of all places of transfers. */
export const transferRange = { gte: Uint8Array.of(TRANSFER), lt: Uint8Array.of(TRANSFER + 1) } as const
/** Bounds of all accounts. */
export const accountRange = { gte: Uint8Array.of(ACCOUNT), lt: Uint8Array.of(ACCOUNT + 1) } as const

/** The address in an account's key. */
export const addressInKey = (key: Uint8Array): Uint8Array => key.subarray(1)
/** The id in the key of a transfer's place. */
export const idInKey = (key: Uint8Array): Uint8Array => key.subarray(1)
/** Height and smell in a header's key. */
export const placeInKey = (key: Uint8Array): { height: number; smell: Uint8Array } => ({
  height: new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(1),
  smell: key.subarray(5),
})
/** Parent's and own smell in the key of a body that waits. */
export const smellsInWaiting = (key: Uint8Array): { parent: Uint8Array; smell: Uint8Array } => ({ parent: key.subarray(1, 33), smell: key.subarray(33) })

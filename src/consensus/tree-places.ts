/** Where pages of the accounts tree lie: by what the tree knows them, and by what they are stored under. */
import { fromHex } from '../util/bytes.ts'

/**
 * The nibbles of a page's path, as digits behind a one or, where they are more than a number holds, as hex digits. (Numbers
 * are far cheaper than texts to make and to look up, and almost no page lies that deep.)
 */
export type Place = number | string

/** Nibbles that fit a number behind a one. */
const NUMBER_NIBBLES = 12
const NIBBLES = '0123456789abcdef'

/** A page's place, and how many nibbles deep that is. */
export interface Where {
  readonly place: Place
  readonly depth: number
}

export const ROOT: Where = { place: 1, depth: 0 }

/** The place of a child. */
export function placeBelow({ place, depth }: Where, nibble: number): Place {
  if (typeof place === 'number' && depth < NUMBER_NIBBLES) return place * 16 + nibble
  return pathOf(place) + NIBBLES[nibble]
}

export function below(where: Where, nibble: number): Where {
  return { place: placeBelow(where, nibble), depth: where.depth + 1 }
}

/** The nibbles, as hex digits. */
function pathOf(place: Place): string {
  return typeof place === 'number' ? place.toString(16).slice(1) : place
}

/** The key that a page is stored under, in hex: depth in nibbles ‖ nibbles, padded to whole bytes. */
export function keyHexOf(place: Place): string {
  const path = pathOf(place)
  return path.length.toString(16).padStart(2, '0') + path + (path.length % 2 === 0 ? '' : '0')
}

/** As `keyHexOf`, in bytes. */
export function keyOf(place: Place): Uint8Array {
  return fromHex(keyHexOf(place))
}

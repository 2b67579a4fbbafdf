/**
 * What SHA-256 is made of (FIPS 180-4, section 4.1.2), for lanes of 32 bits: one of them (`u32`) or four at once (`v128`). The
 * compiler makes each function anew for either type and drops the branch of the other.
 */

/** Constants that are the same for all lanes lie 16 bytes apart, as often as `v128` takes them. */
// @ts-ignore: decorator
@inline
export function at<T>(base: usize, index: i32): T {
  if (isVector<T>()) return v128.load(base + 16 * index)
  return load<u32>(base + 16 * index) as T
}

// @ts-ignore: decorator
@inline
export function put<T>(base: usize, index: i32, value: T): void {
  if (isVector<T>()) v128.store(base + 16 * index, value)
  else store<u32>(base + 16 * index, value)
}

/** The same number in all lanes. */
// @ts-ignore: decorator
@inline
export function word<T>(value: u32): T {
  if (isVector<T>()) return i32x4.splat(value)
  return value as T
}

// @ts-ignore: decorator
@inline
export function add<T>(x: T, y: T): T {
  if (isVector<T>()) return i32x4.add(x, y)
  return (x + y) as T
}

// @ts-ignore: decorator
@inline
export function xor<T>(x: T, y: T): T {
  if (isVector<T>()) return v128.xor(x, y)
  return (x ^ y) as T
}

/** Ch: of each bit f where e is set, else g. */
// @ts-ignore: decorator
@inline
export function choose<T>(e: T, f: T, g: T): T {
  if (isVector<T>()) return v128.bitselect(f, g, e)
  return (g ^ (e & (f ^ g))) as T
}

/** Maj of a, b and c from b, a ^ b and b ^ c: one of the two is known from the round before. */
// @ts-ignore: decorator
@inline
export function majority<T>(b: T, ab: T, bc: T): T {
  if (isVector<T>()) return v128.xor(b, v128.and(ab, bc))
  return (b ^ (ab & bc)) as T
}

// @ts-ignore: decorator
@inline
function shr<T>(x: T, bits: i32): T {
  if (isVector<T>()) return i32x4.shr_u(x, bits)
  return (x >>> bits) as T
}

/** v128 has no rotation. */
// @ts-ignore: decorator
@inline
function ror<T>(x: T, bits: i32): T {
  if (isVector<T>()) return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits))
  return rotr<u32>(x, bits) as T
}

/** Σ0 of the standard. */
// @ts-ignore: decorator
@inline
export function bigSigma0<T>(x: T): T {
  return xor(xor(ror(x, 2), ror(x, 13)), ror(x, 22))
}

/** Σ1. */
// @ts-ignore: decorator
@inline
export function bigSigma1<T>(x: T): T {
  return xor(xor(ror(x, 6), ror(x, 11)), ror(x, 25))
}

/** σ0. */
// @ts-ignore: decorator
@inline
export function sigma0<T>(x: T): T {
  return xor(xor(ror(x, 7), ror(x, 18)), shr(x, 3))
}

/** σ1. */
// @ts-ignore: decorator
@inline
export function sigma1<T>(x: T): T {
  return xor(xor(ror(x, 17), ror(x, 19)), shr(x, 10))
}

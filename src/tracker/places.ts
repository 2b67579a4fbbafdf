import { toHex } from '../util/bytes.ts'
import { formatIp, type IpBytes, parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'

/** Where members are, as limits see it: addresses, subnets, and ranges that are let in or kept out. */

/** What limits count by: an IPv4 address, or an IPv6 /64, which one household has whole. */
export function addressKey(ip: IpBytes): string {
  return ip.length === 4 ? formatIp(ip) : `${toHex(ip.subarray(0, 8))}::/64`
}

/** The block that one owner easily has whole: an IPv4 /24 or an IPv6 /48. */
export function subnetKey(ip: IpBytes): string {
  return ip.length === 4 ? `${ip[0]}.${ip[1]}.${ip[2]}.0/24` : `${toHex(ip.subarray(0, 6))}::/48`
}

/** A block of addresses: those whose first `bits` bits are those of `ip`. */
export interface IpRange {
  readonly ip: IpBytes
  readonly bits: number
}

/** Most ranges in one list: more are somebody's mistake. */
const MAX_RANGES = 200_000

/** `192.0.2.0/24`, `2001:db8::/32`, or one address; undefined when it is none of these. */
export function parseRange(text: string): IpRange | undefined {
  const match = /^([0-9a-fA-F.:]+)(?:\/([0-9]{1,3}))?$/.exec(text)
  const ip = match && parseIp(match[1] as string)
  if (!match || !ip) return undefined
  // A mapped IPv4 address is held as IPv4; its length in bits would not fit then.
  if (match[2] !== undefined && ip.length === 4 && (match[1] as string).includes(':')) return undefined
  const bits = match[2] === undefined ? ip.length * 8 : Number(match[2])
  return bits <= ip.length * 8 ? { ip, bits } : undefined
}

/** The ranges in the text of a file: one a line, `#` begins a comment. The error names the line. */
export function parseRanges(text: string): Result<IpRange[], string> {
  const ranges: IpRange[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const entry = line.replace(/#.*$/, '').trim()
    if (entry === '') continue
    const range = parseRange(entry)
    if (!range) return err(`line ${i + 1}: “${entry.slice(0, 60)}” is not an address or a range such as 192.0.2.0/24 or 2001:db8::/32`)
    ranges.push(range)
    if (ranges.length > MAX_RANGES) return err(`it has more than ${MAX_RANGES} ranges`)
  }
  return ok(ranges)
}

/** A set of ranges that answers in as many steps as there are different lengths in it. */
export class IpRanges {
  /** By family and length, the ranges' first bits. */
  readonly #byLength = new Map<number, { readonly size: 4 | 16; readonly bits: number; readonly starts: Set<string> }>()
  readonly size: number

  constructor(ranges: readonly IpRange[]) {
    for (const { ip, bits } of ranges) {
      const id = ip.length * 1000 + bits
      const group = this.#byLength.get(id) ?? { size: ip.length as 4 | 16, bits, starts: new Set<string>() }
      this.#byLength.set(id, group)
      group.starts.add(firstBits(ip, bits))
    }
    this.size = ranges.length
  }

  has(ip: IpBytes): boolean {
    for (const { size, bits, starts } of this.#byLength.values()) if (size === ip.length && starts.has(firstBits(ip, bits))) return true
    return false
  }
}

function firstBits(ip: IpBytes, bits: number): string {
  const whole = bits >> 3
  let out = toHex(ip.subarray(0, whole))
  if (bits & 7) out += `.${(ip[whole] as number) >> (8 - (bits & 7))}`
  return out
}

/** Whom a tracker serves: nobody in `block`; and when `allow` names anybody, those alone. */
export class Admission {
  readonly #allow: IpRanges
  readonly #block: IpRanges

  constructor(allow: readonly IpRange[] = [], block: readonly IpRange[] = []) {
    this.#allow = new IpRanges(allow)
    this.#block = new IpRanges(block)
  }

  admits(ip: IpBytes): boolean {
    return !this.#block.has(ip) && (this.#allow.size === 0 || this.#allow.has(ip))
  }
}

import { formatIp, isGlobal, isLoopback, isPrivate, parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'

/** Bits of an address that one owner is likely to hold whole. */
const GROUP_BITS = { v4: 16, v6: 32 } as const
/** Bits that one customer of a provider has to himself: he may use any address within. */
const OWNER_BITS = { v4: 32, v6: 64 } as const

/** Addresses that begin with the same bits. */
export interface AddressRange {
  /** 4 or 16 bytes; those after the first `bits` bits are zero. */
  readonly ip: Uint8Array
  readonly bits: number
}

/** The first `bits` bits of an address, the rest zero. */
function masked(ip: Uint8Array, bits: number): Uint8Array {
  return ip.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))))
}

/** `192.0.2.0/24`; a single address without its bits. */
export function formatRange({ ip, bits }: AddressRange): string {
  return bits === ip.length * 8 ? formatIp(ip) : `${formatIp(ip)}/${bits}`
}

/** An IP address, or a range of them as `192.0.2.0/24`. What comes after the bits of the range is dropped. The error is a sentence. */
export function parseRange(text: string): Result<AddressRange, string> {
  const match = /^([0-9a-fA-F:.]{2,45})(?:\/([0-9]{1,3}))?$/.exec(text.trim())
  const ip = parseIp(match?.[1] ?? '')
  const bits = match?.[2] === undefined ? (ip?.length ?? 0) * 8 : Number(match[2])
  if (!ip || bits > ip.length * 8)
    return err(`"${text.slice(0, 80)}" is no IP address and no range of them: write 192.0.2.7, or 192.0.2.0/24 for all that begin like that.`)
  return ok({ ip: masked(ip, bits), bits })
}

/** Whether an address lies in a range. */
export function isInRange(ip: Uint8Array, range: AddressRange): boolean {
  if (ip.length !== range.ip.length) return false
  for (let i = 0; 8 * i < range.bits; i++) {
    const mask = (0xff00 >> Math.min(8, range.bits - 8 * i)) & 0xff
    if (((ip[i] as number) & mask) !== range.ip[i]) return false
  }
  return true
}

/** What one owner is likely to hold whole, as text: IPv4 by /16, IPv6 by /32. Names and addresses that are not global are in no group. */
export function addressGroup(host: string): string | undefined {
  const ip = parseIp(host)
  return ip && isGlobal(ip) ? textOf(ip, GROUP_BITS) : undefined
}

/** What counts as one address where somebody is held to it: an IPv4 address, or an IPv6 /64, within which anybody has as many as he likes. */
export function addressOwner(host: string): string {
  const ip = parseIp(host)
  return ip ? textOf(ip, OWNER_BITS) : host.toLowerCase()
}

/** Whether an address is this machine itself, or in the own network. */
export function isLocal(host: string): boolean {
  const ip = parseIp(host)
  return ip !== undefined && (isLoopback(ip) || isPrivate(ip))
}

function textOf(ip: Uint8Array, { v4, v6 }: { readonly v4: number; readonly v6: number }): string {
  const bits = ip.length === 4 ? v4 : v6
  return formatRange({ ip: masked(ip, bits), bits })
}

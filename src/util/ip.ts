import { err, ok, type Result } from './result.ts'

/** An IP address as bytes: 4 for IPv4, 16 for IPv6. An IPv4-mapped IPv6 address is always held as its 4 bytes. */
export type IpBytes = Uint8Array

/** Where a member or tracker can be dialled: an IP address (no names) and a TCP port. */
export interface Endpoint {
  readonly ip: IpBytes
  readonly port: number
}

/** The bytes of an IPv4 or IPv6 address without brackets or zone, or undefined when it is none. */
export function parseIp(text: string): IpBytes | undefined {
  if (text.length > 45) return undefined
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): IpBytes | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const out = new Uint8Array(4)
  for (const [i, part] of parts.entries()) {
    // No leading zeros: some parsers read them as octal.
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    out[i] = Number(part)
  }
  return out
}

function parseIpv6(text: string): IpBytes | undefined {
  let rest = text
  const tail: number[] = []
  const dotted = /^(.*:)([0-9]+\.[0-9.]+)$/.exec(text)
  if (dotted) {
    const v4 = parseIpv4(dotted[2] as string)
    if (!v4) return undefined
    tail.push(...v4)
    rest = `${dotted[1]}`
    // What is left ends in the colon that led to the dotted part; "::" must stay whole.
    if (!rest.endsWith('::')) rest = rest.slice(0, -1)
  }
  const halves = rest.split('::')
  if (halves.length > 2) return undefined
  const left = groups(halves[0] as string)
  const right = halves.length === 2 ? groups(halves[1] as string) : []
  if (!left || !right) return undefined
  const given = left.length + right.length + tail.length
  if (halves.length === 2 ? given > 14 : given !== 16) return undefined
  const out = new Uint8Array(16)
  out.set(left)
  out.set([...right, ...tail], 16 - right.length - tail.length)
  return normalizeIp(out)
}

function groups(text: string): number[] | undefined {
  if (text === '') return []
  const out: number[] = []
  for (const group of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    const value = Number.parseInt(group, 16)
    out.push(value >> 8, value & 0xff)
  }
  return out
}

/** IPv4-mapped IPv6 (::ffff:a.b.c.d) as its 4 bytes; anything else as it is. */
export function normalizeIp(ip: IpBytes): IpBytes {
  return isMapped(ip) ? ip.slice(12) : ip
}

/** Whether these 16 bytes are an IPv4-mapped IPv6 address. */
export function isMapped(ip: IpBytes): boolean {
  return ip.length === 16 && ip.subarray(0, 10).every((b) => b === 0) && ip[10] === 0xff && ip[11] === 0xff
}

/** Text of an address: dotted IPv4, or IPv6 as RFC 5952 writes it. */
export function formatIp(ip: IpBytes): string {
  if (ip.length === 4) return ip.join('.')
  const words: number[] = []
  for (let i = 0; i < 16; i += 2) words.push(((ip[i] as number) << 8) | (ip[i + 1] as number))
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let j = i
    while (j < 8 && words[j] === 0) j++
    if (j - i > length) {
      start = i
      length = j - i
    }
  }
  const hex = (from: number, to: number) =>
    words
      .slice(from, to)
      .map((w) => w.toString(16))
      .join(':')
  return start < 0 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`
}

/** `1.2.3.4:9875` or `[2001:db8::1]:9875`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const host = formatIp(endpoint.ip)
  return `${endpoint.ip.length === 16 ? `[${host}]` : host}:${endpoint.port}`
}

/** Splits `HOST:PORT` or `[IPV6]:PORT`; the host may be a name. The error is a sentence. Port 0 is allowed (a free one). */
export function parseHostPort(text: string): Result<{ readonly host: string; readonly port: number }, string> {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):([0-9]{1,5})$/.exec(text.trim())
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2]
  if (!match || host === undefined || port > 65535 || (match[1] !== undefined && !match[1].includes(':'))) {
    return err(`"${text.slice(0, 80)}" is not an address with a port: write it as HOST:PORT, for example 192.0.2.7:9875.`)
  }
  return ok({ host, port })
}

/** The endpoint that `1.2.3.4:9875` or `[2001:db8::1]:9875` names, or undefined (names and port 0 are none). */
export function parseEndpoint(text: string): Endpoint | undefined {
  const parsed = parseHostPort(text)
  if (!parsed.ok || parsed.value.port === 0) return undefined
  const ip = parseIp(parsed.value.host)
  return ip ? { ip, port: parsed.value.port } : undefined
}

/** Whether the address is this machine itself. */
export function isLoopback(ip: IpBytes): boolean {
  return ip.length === 4 ? ip[0] === 127 : ip.subarray(0, 15).every((b) => b === 0) && ip[15] === 1
}

/** Whether the address is good on one wire alone: 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291). */
export function isLinkLocal(ip: IpBytes): boolean {
  const [a, b] = [ip[0] as number, ip[1] as number]
  return ip.length === 4 ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80
}

/** Whether the address belongs to a local network: private use (RFC 1918), shared (RFC 6598) or unique local (RFC 4193). Not loopback, not link-local. */
export function isPrivate(ip: IpBytes): boolean {
  const [a, b] = [ip[0] as number, ip[1] as number]
  if (ip.length === 16) return (a & 0xfe) === 0xfc
  return a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b <= 127)
}

/**
 * Whether an address can be reached across the internet: not private, link-local, documentation, multicast or otherwise
 * set aside (IANA's special-purpose registries, RFC 6890 and its updates).
 */
export function isGlobal(ip: IpBytes): boolean {
  const [a, b, c] = [ip[0] as number, ip[1] as number, ip[2] as number]
  if (ip.length === 4) {
    if (a === 0 || a === 10 || a === 127 || a >= 224) return false
    if (a === 100 && b >= 64 && b <= 127) return false
    if (a === 169 && b === 254) return false
    if (a === 172 && b >= 16 && b <= 31) return false
    if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))) return false
    if (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) return false
    return !(a === 203 && b === 0 && c === 113)
  }
  // Only 2000::/3 is given out; of it, 2001::/23 (Teredo, ORCHID …), 2001:db8::/32, 2002::/16 (6to4) and 3fff::/20 are set aside.
  if ((a & 0xe0) !== 0x20) return false
  if (a === 0x20 && b === 0x01 && (c <= 1 || (c === 0x0d && ip[3] === 0xb8))) return false
  if (a === 0x20 && b === 0x02) return false
  return !(a === 0x3f && b === 0xff && c < 0x10)
}

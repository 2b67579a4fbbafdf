import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { formatIp, isGlobal, parseIp } from '../util/ip.ts'
import type { Gateway } from './router.ts'

/** Other systems' own programs, which tell the routes, have so long. */
const TIMEOUT_MS = 3_000
/** IPv6 addresses of this machine that others are let through to. */
export const MAX_ADDRESSES = 2

/** Where everything goes that has no other way, with the interface for a link-local address. */
export interface DefaultRoutes {
  readonly v4: readonly string[]
  readonly v6: readonly string[]
}

/** The routers that this machine sends everything to: the IPv4 one, and the IPv6 one for each address of ours. Empty when there is none. */
export async function findGateways(): Promise<Gateway[]> {
  const { v4, v6 } = await defaultRoutes()
  const [router] = v6
  return [...v4.slice(0, 1).map((address) => ({ address })), ...(router === undefined ? [] : ownGlobal(router).map((from) => ({ address: router, from })))]
}

/** Global IPv6 addresses of ours, those on the router's own wire where it is known. */
function ownGlobal(router: string): string[] {
  const zone = /%(.*)$/.exec(router)?.[1]
  const own = Object.entries(networkInterfaces()).flatMap(([name, list]) => (zone === undefined || zone === name || /^[0-9]+$/.test(zone) ? (list ?? []) : []))
  const ips = own.flatMap(({ address, internal }) => (internal ? [] : (parseIp(address.replace(/%.*$/, '')) ?? [])))
  return ips
    .filter((ip) => ip.length === 16 && isGlobal(ip))
    .map(formatIp)
    .slice(0, MAX_ADDRESSES)
}

async function defaultRoutes(): Promise<DefaultRoutes> {
  const none: DefaultRoutes = { v4: [], v6: [] }
  try {
    switch (process.platform) {
      case 'linux': {
        const [v4, v6] = await Promise.all(['route', 'ipv6_route'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
        return { v4: linuxV4(v4 ?? ''), v6: linuxV6(v6 ?? '') }
      }
      case 'win32':
        return windowsRoutes(await said('route', ['print']))
      default:
        return bsdRoutes(await said('netstat', ['-rn']))
    }
  } catch {
    return none
  }
}

async function said(program: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, [...args], { timeout: TIMEOUT_MS, windowsHide: true })).stdout
}

/** Of /proc/net/route: addresses are in the machine's own order of bytes, which is the reverse on everything that Electron runs on. */
export function linuxV4(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, destination, gateway, flags] = line.split(/\s+/)
    if (destination !== '00000000' || gateway === undefined || !/^[0-9A-F]{8}$/.test(gateway) || (Number.parseInt(flags ?? '', 16) & 3) !== 3) return []
    return [formatIp(Uint8Array.from(gateway.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)).reverse())]
  })
}

/** Of /proc/net/ipv6_route. */
export function linuxV6(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [destination, bits, , , gateway, , , , flags, name] = line.split(/\s+/)
    if (!/^0{32}$/.test(destination ?? '') || bits !== '00' || !/^[0-9a-f]{32}$/.test(gateway ?? '') || (Number.parseInt(flags ?? '', 16) & 3) !== 3) return []
    return [
      withZone(
        Uint8Array.from(gateway?.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
        name ?? '',
      ),
    ]
  })
}

/** Of `netstat -rn` on macOS and the BSDs: `default  192.168.1.1  UGScg  en0`. */
export function bsdRoutes(text: string): DefaultRoutes {
  const found = text.split('\n').flatMap((line) => {
    const match = /^default\s+([0-9a-f:.]+)(?:%(\S+))?\s+\S*G/.exec(line)
    const ip = parseIp(match?.[1] ?? '')
    return ip ? [withZone(ip, match?.[2] ?? '')] : []
  })
  return split(found)
}

/** Of Windows' `route print`, in whatever language: `0.0.0.0  0.0.0.0  192.168.1.1  192.168.1.5  25` and `4  281  ::/0  fe80::1`. */
export function windowsRoutes(text: string): DefaultRoutes {
  return split(
    text.split(/\r?\n/).flatMap((line) => {
      const v4 = /^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+([0-9.]+)\s/.exec(line)
      const v6 = /^\s*([0-9]+)\s+[0-9]+\s+::\/0\s+([0-9a-f:]+)\s*$/.exec(line)
      const ip = parseIp(v4?.[1] ?? v6?.[2] ?? '')
      return ip ? [withZone(ip, v6?.[1] ?? '')] : []
    }),
  )
}

function split(addresses: readonly string[]): DefaultRoutes {
  return { v4: addresses.filter((one) => !one.includes(':')), v6: addresses.filter((one) => one.includes(':')) }
}

function withZone(ip: Uint8Array, zone: string): string {
  const text = formatIp(ip)
  return ip.length === 16 && zone !== '' && text.startsWith('fe80') ? `${text}%${zone}` : text
}

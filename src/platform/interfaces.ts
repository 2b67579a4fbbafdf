import { networkInterfaces } from 'node:os'
import { formatIp, isLinkLocal, isLoopback, parseIp } from '../util/ip.ts'

/** This machine's own addresses in the networks that it is in, sorted: not loopback, not link-local. None: it is in no network. */
export function ownAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  const ips = addresses.filter(({ internal }) => !internal).flatMap(({ address }) => parseIp(address.replace(/%.*$/, '')) ?? [])
  return [...new Set(ips.filter((ip) => !isLoopback(ip) && !isLinkLocal(ip)).map(formatIp))].sort()
}

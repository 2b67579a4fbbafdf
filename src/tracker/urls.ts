import { networkInterfaces } from 'node:os'
import { formatEndpoint, isGlobal, isLoopback, parseIp } from '../util/ip.ts'

/** The addresses by which friends can join a tracker that listens at `host`, best first: global, then the local network's, then this machine's own. */
export function joinUrls(host: string, port: number, machine: readonly string[] = machineAddresses()): string[] {
  const everywhere = host === '0.0.0.0' || host === '::' || host === ''
  if (!everywhere) {
    const ip = parseIp(host)
    return [`http://${ip ? formatEndpoint({ ip, port }) : `${host}:${port}`}`]
  }
  const ips = machine.map(parseIp).filter((ip) => ip !== undefined)
  const usable = ips.filter((ip) => (host === '0.0.0.0' ? ip.length === 4 : true) && !isLinkLocal(ip))
  const rank = (ip: Uint8Array) => (isLoopback(ip) ? 4 : isGlobal(ip) ? 0 : 2) + (ip.length === 4 ? 0 : 1)
  return usable.sort((a, b) => rank(a) - rank(b)).map((ip) => `http://${formatEndpoint({ ip, port })}`)
}

/** Link-local IPv6 needs a zone, which is not the same on two machines. */
function isLinkLocal(ip: Uint8Array): boolean {
  return ip.length === 16 && ip[0] === 0xfe && ((ip[1] as number) & 0xc0) === 0x80
}

function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((i) => i.address))
}

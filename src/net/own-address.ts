import { equalBytes } from '../util/bytes.ts'
import { type Endpoint, isGlobal } from '../util/ip.ts'

/** Which addresses of ours are worth telling strangers: those that are ours for sure enough, and at which somebody was answered. */

/** Somebody who saw us at an address, and perhaps dialled us there. */
export interface Sighting {
  readonly ip: Uint8Array
  /** Who that is, as far as it matters whether two are one: an address group, or a name. */
  readonly group: string
  /** Whether we answered there; null when it was not tried. */
  readonly answers: boolean | null
}

export interface OwnAddressFacts {
  /** At which ports others have to dial us: with IPv4 the router's, where it maps one. undefined when they cannot. */
  readonly ports: { readonly v4: number; readonly v6: number } | undefined
  /** What the router says it passes on to us. */
  readonly mapped: readonly Endpoint[]
  /** This machine's own addresses. */
  readonly own: readonly Uint8Array[]
  readonly sightings: readonly Sighting[]
  /** Regtest: this machine is the world, and nobody lies. */
  readonly relaxed: boolean
}

/** Whoever sees us says what it likes: so many that do not know each other have to see the same. */
const GROUPS = 2
const MAX_ADDRESSES = 4

/**
 * The addresses for our card. A single tracker or member cannot put a foreign address there (and so send everybody who wants to reach us to somebody
 * else): it must be this machine's own, or the router's, or one that two saw. And somebody must have been answered there, so that nobody dials in vain.
 */
export function ownAddresses({ ports, mapped, own, sightings, relaxed }: OwnAddressFacts): Endpoint[] {
  if (ports === undefined) return []
  const at = (ip: Uint8Array): Endpoint => ({ ip, port: ip.length === 4 ? ports.v4 : ports.v6 })
  const candidates = [...mapped, ...own.map(at), ...sightings.map(({ ip }) => at(ip))]
  const isOurs = (ip: Uint8Array) => own.some((one) => equalBytes(one, ip)) || mapped.some((one) => equalBytes(one.ip, ip))
  const good = candidates.filter(({ ip }) => {
    const seen = sightings.filter((sighting) => equalBytes(sighting.ip, ip))
    const groups = new Set(seen.map(({ group }) => group)).size
    return (relaxed || isGlobal(ip)) && seen.some(({ answers }) => answers === true) && (isOurs(ip) || groups >= (relaxed ? 1 : GROUPS))
  })
  return good.filter((one, i) => good.findIndex(({ ip }) => equalBytes(ip, one.ip)) === i).slice(0, MAX_ADDRESSES)
}

import { addressOf, formatAddress } from '../consensus/address.ts'
import { params } from '../consensus/params.ts'
import type { NetworkName, Params } from '../consensus/types.ts'

const NAMES: readonly NetworkName[] = ['main', 'test', 'regtest']

/** The network that begins with this blue cheese (hex of its smell), or undefined when it is none of ours: a tracker serves those as well. */
export function networkOf(blueSmellHex: string): Params | undefined {
  return NAMES.map(params).find((p) => p.blueSmellHex === blueSmellHex)
}

/** The blue smell (hex) that `text` means, be it the name of a network or the smell itself. */
export function parseNetwork(text: string): string | undefined {
  const name = NAMES.find((n) => n === text)
  if (name) return params(name).blueSmellHex
  return /^[0-9a-fA-F]{64}$/.test(text) ? text.toLowerCase() : undefined
}

/** `main`, `test`, `regtest`, or the first digits of an unknown network's blue smell. */
export function networkName(blueSmellHex: string): string {
  return networkOf(blueSmellHex)?.network ?? `${blueSmellHex.slice(0, 16)}…`
}

/** Bech32m address of a payment key; null when there is none or the network is not known. */
export function paymentAddress(paymentKey: Uint8Array | undefined, blueSmellHex: string): string | null {
  const network = networkOf(blueSmellHex)
  return paymentKey && network ? formatAddress(addressOf(paymentKey), network) : null
}

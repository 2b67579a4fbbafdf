/** Addresses: the first 20 bytes of a tagged hash of the public key, shown in Bech32m (BIP 350) with version 0. */
import { bech32m } from '@scure/base'
import { assert, err, ok, type Result } from '../util/result.ts'
import { ADDRESS_BYTES } from './codec.ts'
import { taggedHash } from './hash.ts'
import type { NetworkName, Params } from './types.ts'

/** Human-readable parts, so that an address of another network can be told from a typo. */
export const ADDRESS_HRP: Readonly<Record<NetworkName, string>> = { main: 'cheese', test: 'tcheese', regtest: 'rcheese' }

const VERSION = 0

/** Why a text is no address here: `shape` = no address at all, `typo` = the checksum fails, `other-network` = a good one, elsewhere. */
export interface AddressError {
  readonly code: 'typo' | 'other-network' | 'shape'
  readonly message: string
}

/** The 20-byte address of an x-only public key (32 bytes, taken as they are: any 32 bytes have an address). */
export function addressOf(publicKey: Uint8Array): Uint8Array {
  assert(publicKey.length === 32, 'an x-only public key has 32 bytes')
  return taggedHash('Cheese/address', publicKey).slice(0, ADDRESS_BYTES)
}

/** The text of a 20-byte address on a network, lower case. */
export function formatAddress(address: Uint8Array, params: Pick<Params, 'hrp'>): string {
  assert(address.length === ADDRESS_BYTES, `an address has ${ADDRESS_BYTES} bytes`)
  return bech32m.encode(params.hrp, [VERSION, ...bech32m.toWords(address)])
}

/** The 20 bytes of an address of this network, all lower or all upper case, nothing around it. */
export function parseAddress(text: string, params: Pick<Params, 'hrp' | 'network'>): Result<Uint8Array, AddressError> {
  const lower = text.toLowerCase()
  const network = (Object.keys(ADDRESS_HRP) as NetworkName[]).find((name) => lower.startsWith(`${ADDRESS_HRP[name]}1`))
  if (!network) {
    return err({ code: 'shape', message: `This is not a cheese address. One on this network begins with ${params.hrp}1.` })
  }
  const decoded = bech32m.decodeUnsafe(text)
  if (!decoded || decoded.prefix !== ADDRESS_HRP[network]) {
    return err({ code: 'typo', message: 'This address has a typo: its checksum does not fit. Copy it again, whole.' })
  }
  const bytes = bech32m.fromWordsUnsafe(decoded.words.slice(1))
  if (decoded.words[0] !== VERSION || !(bytes instanceof Uint8Array) || bytes.length !== ADDRESS_BYTES) {
    return err({ code: 'shape', message: 'This address is of a kind that this version does not know.' })
  }
  if (network !== params.network) {
    return err({
      code: 'other-network',
      message: `This address belongs to the ${network} network; this member is on ${params.network}. Ask for one that begins with ${params.hrp}1.`,
    })
  }
  return ok(bytes)
}

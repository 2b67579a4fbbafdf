import { Failure } from '../api/errors.ts'
import { addressOf, formatAddress, parseAddress } from '../consensus/address.ts'
import type { Params } from '../consensus/params.ts'
import { equalBytes, toHex, tryFromHex } from '../util/bytes.ts'

/**
 * wallet.json: what is known of the wallet while it is locked. Nothing in it is secret, and all of it but nickname and
 * certificate can be made again from the vault.
 */
export interface Profile {
  /** 20 bytes. */
  readonly address: Uint8Array
  /** x-only, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly nickname: string
  readonly certificate: Certificate | undefined
  /** Unix seconds. */
  readonly createdAt: number
}

export interface Certificate {
  readonly bytes: Uint8Array
  /** Unix seconds. */
  readonly madeAt: number
  /** The nickname that it names. */
  readonly nickname: string
}

export function encodeProfile(profile: Profile, params: Params): Uint8Array {
  const { certificate } = profile
  const json = {
    version: 1,
    network: params.network,
    address: formatAddress(profile.address, params),
    publicKey: toHex(profile.publicKey),
    nickname: profile.nickname,
    createdAt: profile.createdAt,
    ...(certificate ? { certificate: { bytes: toHex(certificate.bytes), madeAt: certificate.madeAt, nickname: certificate.nickname } } : {}),
  }
  return new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`)
}

/** The profile in wallet.json, or undefined when it is damaged. Throws `DATA_OTHER_NETWORK` for another network's. */
export function decodeProfile(bytes: Uint8Array, params: Params): Profile | undefined {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
  if (typeof json !== 'object' || json === null) return undefined
  const { version, network, address, publicKey, nickname, createdAt, certificate } = json as Record<string, unknown>
  if (typeof network === 'string' && network !== params.network) {
    throw new Failure(
      'DATA_OTHER_NETWORK',
      `The wallet in this data folder belongs to the network "${network}", not "${params.network}". Choose that network, or another data folder.`,
    )
  }
  if (version !== 1 || typeof address !== 'string' || typeof publicKey !== 'string') return undefined
  if (typeof nickname !== 'string' || typeof createdAt !== 'number') return undefined
  const key = tryFromHex(publicKey)
  const parsed = parseAddress(address, params)
  if (key?.length !== 32 || !parsed.ok || !equalBytes(addressOf(key), parsed.value)) return undefined
  return { address: parsed.value, publicKey: key, nickname, createdAt, certificate: decodeCertificate(certificate) }
}

function decodeCertificate(json: unknown): Certificate | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const { bytes, madeAt, nickname } = json as Record<string, unknown>
  if (typeof bytes !== 'string' || typeof madeAt !== 'number' || typeof nickname !== 'string') return undefined
  const decoded = tryFromHex(bytes)
  return decoded && { bytes: decoded, madeAt, nickname }
}

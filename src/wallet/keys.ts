import { HDKey } from '@scure/bip32'
import { addressOf } from '../consensus/address.ts'
import type { Params } from '../consensus/params.ts'
import { assert } from '../util/result.ts'
import { seedOf } from './words.ts'

/** The keys of a wallet's only account. `secretKey` is a BIP 340 secret: its point's y may be odd, signing sees to that. */
export interface Keys {
  /** x-only, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
  /** 20 bytes. */
  readonly address: Uint8Array
}

const HARDENED = 0x80000000

/** BIP 44 path of the first account: m/44'/coin type'/0'/0/0 (design, section 6). */
export function pathOf(params: Params): readonly number[] {
  return [HARDENED + 44, HARDENED + params.coinType, HARDENED, 0, 0]
}

/** BIP 39 words → BIP 32 → the account's keys on `params`' network. The caller wipes `secretKey`. */
export async function deriveKeys(words: readonly string[], params: Params): Promise<Keys> {
  const seed = await seedOf(words)
  let node = HDKey.fromMasterSeed(seed)
  seed.fill(0)
  for (const index of pathOf(params)) {
    const child = node.deriveChild(index)
    node.wipePrivateData()
    node = child
  }
  const secretKey = node.privateKey
  const publicKey = node.publicKey?.slice(1)
  node.wipePrivateData()
  assert(secretKey && publicKey, 'a derived node has both keys')
  return { publicKey, secretKey, address: addressOf(publicKey) }
}

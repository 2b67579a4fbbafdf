/** SHA-256, tagged hashes (BIP 340) and everything that is named by a hash. */
import { concatBytes, toHex } from '../util/bytes.ts'
import { encodeUtf8 } from '../util/utf8.ts'
import { encodeHeader, encodeTransfer, SIGNATURE_BYTES } from './codec.ts'
import { type InitialState, shared } from './sha256.ts'
import type { Header, Params, Smell, Transfer } from './types.ts'

/** SHA-256 of `parts`, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return shared.hash(0, parts)
}

/** SHA-256 of the SHA-256 of `bytes`. */
export function sha256d(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes))
}

/** The state after the 64 bytes SHA-256(tag) ‖ SHA-256(tag): one block less for each hash. */
const tags = new Map<string, InitialState>()

/** BIP 340 tagged hash: SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ parts). `tag` is one of ours, never a peer's text. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  let state = tags.get(tag)
  if (state === undefined) {
    const prefix = sha256(encodeUtf8(tag))
    state = shared.stateAfter(concatBytes(prefix, prefix))
    tags.set(tag, state)
  }
  return shared.hash(state, parts)
}

/** SHA-256d of the header, 32 bytes in digest order: as a big-endian number, what proof of work is measured by. */
export function smellOf(header: Header): Uint8Array {
  return sha256d(encodeHeader(header))
}

/** `smellOf` in lower-case hex. */
export function smellHex(header: Header): Smell {
  return toHex(smellOf(header))
}

/** What wallets and people call a transfer by, 32 bytes: of everything but the signature, on this network. */
export function transferId(transfer: Transfer, params: Pick<Params, 'blueSmell'>): Uint8Array {
  return transferIdOf(encodeTransfer(transfer), params)
}

/** As `transferId`, of a transfer's encoding. */
export function transferIdOf(encoding: Uint8Array, params: Pick<Params, 'blueSmell'>): Uint8Array {
  return taggedHash('Cheese/transfer-id', params.blueSmell, encoding.subarray(0, encoding.length - SIGNATURE_BYTES))
}

/** What inventories and caches call a transfer by, 32 bytes: of the whole encoding, the signature included. */
export function relayId(transfer: Transfer): Uint8Array {
  return sha256(encodeTransfer(transfer))
}

/** The 32-byte message that a transfer's signature signs; the blue cheese's smell ties it to one network. */
export function signingHash(transfer: Transfer, params: Pick<Params, 'blueSmell'>): Uint8Array {
  return taggedHash('Cheese/transfer', params.blueSmell, unsignedBytes(transfer))
}

function unsignedBytes(transfer: Transfer): Uint8Array {
  const bytes = encodeTransfer(transfer)
  return bytes.subarray(0, bytes.length - SIGNATURE_BYTES)
}

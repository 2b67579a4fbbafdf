/** What others offer for SHA-256 twice over a header, one try after the other, on one thread of Node. */
import { createHash, hash } from 'node:crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import cryptoJs from 'crypto-js'
import { createSHA256 } from 'hash-wasm'

/** Tries so many nonces, from `start` on, none of which is expected to hit. Returns the smell of the last. */
export type Try = (start: number, count: number) => Uint8Array

const header = new Uint8Array(116).fill(1)
const view = new DataView(header.buffer)
const buffer = Buffer.from(header.buffer)

/** Tries with `smellOf` what is in `header`. */
function each(smellOf: () => Uint8Array): Try {
  return (start, count) => {
    let smell: Uint8Array = header
    for (let nonce = start; nonce < start + count; nonce++) {
      view.setUint32(112, nonce)
      smell = smellOf()
      if (smell[0] === 0 && smell[1] === 0 && smell[2] === 0 && smell[3] === 0 && smell[4] === 0) throw new Error('that was a one in a trillion')
    }
    return smell
  }
}

function withCryptoJs(): Uint8Array {
  const { words } = cryptoJs.SHA256(cryptoJs.SHA256(cryptoJs.lib.WordArray.create(header)))
  return Uint8Array.from({ length: 32 }, (_, i) => ((words[i >> 2] as number) >>> (24 - 8 * (i % 4))) & 0xff)
}

/** The first block is the same for all nonces, so that its state is kept and copied: 52 bytes a try remain. */
function nobleWithMidstate(): () => Uint8Array {
  const begun = sha256.create().update(header.subarray(0, 64))
  const rest = header.subarray(64)
  const scratch = begun.clone()
  return () => sha256(begun._cloneInto(scratch).update(rest).digest())
}

/** By name; all of them give the same smells. */
export async function rivals(): Promise<ReadonlyMap<string, Try>> {
  const wasm = await createSHA256()
  const withWasm = (bytes: Uint8Array) => wasm.init().update(bytes).digest('binary')
  return new Map([
    ['crypto-js', each(withCryptoJs)],
    ['node:crypto createHash twice', each(() => createHash('sha256').update(createHash('sha256').update(header).digest()).digest())],
    ['node:crypto hash twice', each(() => hash('sha256', hash('sha256', buffer, 'buffer'), 'buffer'))],
    ['noble', each(() => sha256(sha256(header)))],
    ['noble with midstate', each(nobleWithMidstate())],
    ['hash-wasm', each(() => withWasm(withWasm(header)))],
  ])
}

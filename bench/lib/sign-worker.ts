/** A thread of bench/lib/stack.ts: makes the transfers of a range of cheeses, signed. */
import { parentPort, workerData } from 'node:worker_threads'
import { signSchnorr, xOnlyPointFromScalar } from 'tiny-secp256k1'
import { addressOf } from '../../src/consensus/address.ts'
import { encodeTransfer } from '../../src/consensus/codec.ts'
import { signingHash } from '../../src/consensus/hash.ts'
import { params as paramsOf } from '../../src/consensus/params.ts'
import type { Transfer } from '../../src/consensus/types.ts'
import { concatBytes } from '../../src/util/bytes.ts'
import { type Order, type Plan, payeeOf, secretOf } from './plan.ts'

const params = paramsOf('regtest')
const { plan } = workerData as { plan: Plan }
const keys = new Map<number, { secret: Uint8Array; publicKey: Uint8Array; address: Uint8Array }>()

function keyOf(sender: number) {
  let key = keys.get(sender)
  if (!key) {
    const secret = secretOf(sender)
    const publicKey = Uint8Array.from(xOnlyPointFromScalar(secret))
    key = { secret, publicKey, address: addressOf(publicKey) }
    keys.set(sender, key)
  }
  return key
}

/** Transfer number `n` of the whole stack. */
function transferOf(n: number): Uint8Array {
  const sender = keyOf(n % plan.accounts)
  const payee = payeeOf(n, plan)
  const to = typeof payee === 'number' ? keyOf(payee).address : payee
  const unsigned = {
    version: 1,
    from: sender.publicKey,
    sequence: Math.floor(n / plan.accounts),
    expiry: 0,
    fee: 1_000n,
    payments: [{ to, amount: 100_000n }],
    memo: new Uint8Array(),
  }
  const message = signingHash({ ...unsigned, signature: new Uint8Array(64) }, params)
  const signed: Transfer = { ...unsigned, signature: Uint8Array.from(signSchnorr(message, sender.secret)) }
  return encodeTransfer(signed)
}

parentPort?.on('message', ({ kind, from, to }: Order) => {
  const made: Uint8Array[] = []
  for (let n = from; n < to; n++) made.push(kind === 'addresses' ? keyOf(n).address : transferOf(n))
  const bytes = concatBytes(...made)
  parentPort?.postMessage({ from, bytes }, [bytes.buffer as ArrayBuffer])
})

/** Makes cheeses for tests and measurements, with accounts kept apart from the stack under test. */
import { addressOf } from '../../consensus/address.ts'
import { encodeBody, encodeHeader } from '../../consensus/codec.ts'
import { applyBody } from '../../consensus/connect.ts'
import { signingHash, smellOf } from '../../consensus/hash.ts'
import { bodyRoot } from '../../consensus/merkle.ts'
import { subsidyAt } from '../../consensus/reward.ts'
import { publicKeyOf, sign } from '../../consensus/signature.ts'
import { bitsToTarget, requiredBits } from '../../consensus/target.ts'
import { accountsRootOf } from '../../consensus/tree.ts'
import type { Account, AddressHex, Body, Header, Params, Payment, Smell, Transfer } from '../../consensus/types.ts'
import { bigIntToBytes, bytesToBigInt, fromHex, toHex } from '../../util/bytes.ts'
import { encodeUtf8 } from '../../util/utf8.ts'
import type { Ripe } from '../judge.ts'

export interface Key {
  readonly secret: Uint8Array
  readonly publicKey: Uint8Array
  readonly address: Uint8Array
}

/** The key of a number above zero. */
export function keyOf(seed: number): Key {
  const secret = bigIntToBytes(BigInt(seed), 32)
  const publicKey = publicKeyOf(secret)
  return { secret, publicKey, address: addressOf(publicKey) }
}

export interface TransferSpec {
  readonly from: Key
  readonly sequence: number
  readonly payments: readonly Payment[]
  readonly fee?: bigint
  readonly expiry?: number
  readonly memo?: string
}

/** A cheese with what it makes of the accounts. */
export interface Made {
  readonly header: Header
  readonly headerBytes: Uint8Array
  readonly body: Body
  readonly bodyBytes: Uint8Array
  readonly smell: Smell
  readonly height: number
  readonly parent: Made | undefined
  readonly accounts: ReadonlyMap<AddressHex, Account>
  readonly reward: Ripe
}

export interface MakeSpec {
  readonly transfers?: readonly Transfer[]
  readonly to?: Uint8Array
  readonly extra?: string
  /** Seconds after the parent, 60 by default. */
  readonly after?: number
  /** Put into the header before its proof of work: for cheeses that break a rule. */
  readonly header?: Partial<Header>
  /** Takes transfers that the rules refuse: the accounts stay as the parent leaves them. */
  readonly unruly?: boolean
}

type Sign = (message: Uint8Array, secret: Uint8Array) => Uint8Array

export class Maker {
  readonly params: Params
  readonly blue: Made
  readonly #sign: Sign
  #count = 0

  constructor(params: Params, options: { readonly sign?: Sign } = {}) {
    this.params = params
    this.#sign = options.sign ?? sign
    const { header, body } = params.blue
    const bytes = { headerBytes: encodeHeader(header), bodyBytes: encodeBody(body) }
    this.blue = {
      header,
      body,
      ...bytes,
      smell: params.blueSmellHex,
      height: 0,
      parent: undefined,
      accounts: new Map(),
      reward: { to: body.reward.to, amount: 0n },
    }
  }

  transfer(spec: TransferSpec): Transfer {
    const unsigned = {
      version: 1,
      from: spec.from.publicKey,
      sequence: spec.sequence,
      expiry: spec.expiry ?? 0,
      fee: spec.fee ?? 0n,
      payments: spec.payments,
      memo: encodeUtf8(spec.memo ?? ''),
    }
    const message = signingHash({ ...unsigned, signature: new Uint8Array(64) }, this.params)
    return { ...unsigned, signature: this.#sign(message, spec.from.secret) }
  }

  /** A cheese on top of `parent`. Two with the same contents differ in their extra. */
  make(parent: Made, spec: MakeSpec = {}): Made {
    const { params } = this
    const height = parent.height + 1
    const to = spec.to ?? new Uint8Array(20).fill(0xee)
    const body: Body = { reward: { height, to, extra: encodeUtf8(spec.extra ?? `${++this.#count}`) }, transfers: spec.transfers ?? [] }
    const accounts = new Map(parent.accounts)
    const ripe = rewardAt(parent, height - params.ripening)
    const applied = applyBody({ body, height, accounts: { get: (address) => accounts.get(toHex(address)) }, ripe })
    if (!applied.ok && !spec.unruly) throw new Error(`cannot be made: ${applied.error.message}`)
    for (const [address, account] of applied.ok ? applied.value.changes : []) {
      if (account) accounts.set(address, account)
      else accounts.delete(address)
    }
    const reward = { to, amount: subsidyAt(height) + (applied.ok ? applied.value.fees : 0n) }
    const context = { height, parent: parent.header, ...(parent.parent ? { grandparent: parent.parent.header } : {}) }
    const header = mine({
      version: 1,
      parent: fromHex(parent.smell),
      accountsRoot: accountsRootOf(accounts),
      bodyRoot: bodyRoot(body),
      time: parent.header.time + (spec.after ?? 60),
      bits: requiredBits(context, params),
      nonce: 0n,
      ...spec.header,
    })
    const smell = toHex(smellOf(header))
    return { header, headerBytes: encodeHeader(header), body, bodyBytes: encodeBody(body), smell, height, parent, accounts, reward }
  }

  /** `count` cheeses, each on the one before. */
  makeMany(parent: Made, count: number, spec: MakeSpec = {}): Made[] {
    const made: Made[] = []
    for (let i = 0; i < count; i++) made.push(this.make(made.at(-1) ?? parent, spec))
    return made
  }
}

/** The reward of the cheese at `height` below or at `from`; never the blue one's. */
function rewardAt(from: Made, height: number): Ripe | undefined {
  let at: Made | undefined = height > 0 ? from : undefined
  while (at && at.height > height) at = at.parent
  return at?.reward
}

/** The header with the lowest nonce that does the work. */
function mine(header: Header): Header {
  const target = bitsToTarget(header.bits) ?? 0n
  for (let nonce = 0n; ; nonce++) {
    const tried = { ...header, nonce }
    if (bytesToBigInt(smellOf(tried)) <= target) return tried
  }
}

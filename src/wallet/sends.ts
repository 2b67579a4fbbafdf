import { Failure } from '../api/errors.ts'
import type { Review, SendInput, Sent } from '../api/schemas.ts'
import { formatAddress } from '../consensus/address.ts'
import { transferSize } from '../consensus/codec.ts'
import type { Params } from '../consensus/params.ts'
import type { Transfer } from '../consensus/types.ts'
import { formatCheese } from '../util/amount.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import { assert } from '../util/result.ts'
import type { Contacts } from './contacts.ts'
import type { OpenWallet } from './keyring.ts'
import type { Ledger, OwnTransfer } from './ledger.ts'
import type { ChainPort, SubmitRefusal } from './ports.ts'
import type { Recipient, Recipients } from './recipients.ts'
import { insufficient, readAmount, readExpiry, readFee, readMemo, tooLittleForNew } from './send-input.ts'
import type { SentRecord } from './sent.ts'
import { CANCEL_AMOUNT, debitOf, draftTransfer, idOf, NEW_ACCOUNT_MINIMUM, paidTo, signTransfer } from './transfers.ts'

export interface SendsDeps {
  readonly chain: ChainPort
  readonly params: Params
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly contacts: Contacts
  readonly recipients: Recipients
  /** Throws `WALLET_MISSING` or `WALLET_LOCKED` when it is not known whose sends these are. */
  readonly ledger: () => Promise<Ledger>
  /** Whether it is known. */
  readonly isKnown: () => boolean
  readonly withSecret: <T>(passphrase: string | undefined, purpose: string, job: (open: OpenWallet) => Promise<T>) => Promise<T>
  readonly changed: () => void
}

/** A send that was looked at from all sides but not signed. */
interface Plan {
  readonly transfer: Transfer
  readonly recipient: Recipient
  readonly amount: bigint
  readonly left: bigint
}

/** Makes, shares, replaces and cancels transfers, one after the other. */
export class Sends {
  readonly #deps: SendsDeps
  readonly #queue = new SerialQueue()

  constructor(deps: SendsDeps) {
    this.#deps = deps
  }

  /** A send as it would be. Needs no passphrase; throws what `send` would throw. */
  async review(input: SendInput): Promise<Review> {
    const { params, chain } = this.#deps
    const ledger = await this.#deps.ledger()
    const { transfer, recipient, amount, left } = this.#plan(ledger, input, this.#deps.recipients.resolve(input.to))
    const size = transferSize(transfer)
    const warnings = [...recipient.warnings]
    if (equalBytes(recipient.address, ledger.profile.address)) warnings.push('This is your own address: all that it costs you is the fee.')
    const least = chain.minimumFee(size)
    if (transfer.fee < least)
      warnings.push(`Members pass transfers of this size on from a fee of ${formatCheese(least)} cheese; with less it may never be in a cheese.`)
    if (transfer.fee > least && transfer.fee * 10n > amount) warnings.push(`The fee is more than a tenth of the amount.`)
    if (transfer.expiry === 0) warnings.push('It never expires: until it is in a cheese or cancelled, its money stays set aside.')
    return {
      to: formatAddress(recipient.address, params),
      name: recipient.name,
      amount: String(amount),
      fee: String(transfer.fee),
      total: String(debitOf(transfer)),
      left: String(left),
      memo: input.memo ?? '',
      expiry: transfer.expiry,
      size,
      warnings,
    }
  }

  /** Signs and shares a transfer. It is on disk before anybody sees it. */
  async send(input: SendInput, passphrase?: string): Promise<Sent> {
    // What is wrong with the request is said before the passphrase is tried, which takes a second.
    if (this.#deps.isKnown()) this.#plan(await this.#deps.ledger(), input)
    return this.#deps.withSecret(passphrase, 'send', (open) =>
      this.#queue.run(async () => {
        const ledger = await this.#deps.ledger()
        await this.#submitMissing(ledger)
        const plan = this.#plan(ledger, input)
        const { member } = plan.recipient
        const record = await this.#share(ledger, plan.transfer, open)
        if (member && !equalBytes(member.address, ledger.profile.address)) await this.#pin(member)
        return this.#sent(record, plan.recipient.address, plan.amount)
      }),
    )
  }

  /** Puts a higher `fee` on a waiting transfer; what it pays stays. */
  async replace(id: string, fee: bigint, passphrase?: string): Promise<Sent> {
    return this.#deps.withSecret(passphrase, 'raise the fee', (open) =>
      this.#queue.run(async () => {
        const ledger = await this.#deps.ledger()
        const old = await this.#waiting(ledger, id)
        return this.#supersede(ledger, old, { ...old.transfer, fee }, open)
      }),
    )
  }

  /**
   * Spends the sequence of a waiting transfer on one crumb to oneself. Whether that or the payment wins is known only when
   * one of them is in a cheese. The fee is the least that replaces it, or what a transfer of this size should pay.
   */
  async cancel(id: string, passphrase?: string): Promise<Sent> {
    return this.#deps.withSecret(passphrase, 'cancel it', (open) =>
      this.#queue.run(async () => {
        const { chain } = this.#deps
        const ledger = await this.#deps.ledger()
        const old = await this.#waiting(ledger, id)
        const { sequence, expiry } = old.transfer
        const draft = draftTransfer({
          publicKey: ledger.profile.publicKey,
          sequence,
          expiry,
          fee: 0n,
          to: ledger.profile.address,
          amount: CANCEL_AMOUNT,
          memo: new Uint8Array(),
        })
        const size = transferSize(draft)
        let fee = chain.suggestFee(size)
        const least = ledger.feeToReplace(sequence, size)
        if (fee < least) fee = least
        return this.#supersede(ledger, old, { ...draft, fee }, open)
      }),
    )
  }

  /** Submits every transfer of ours that a cheese may hold and the mempool lacks; with `all`, announces the others again too. */
  async reshare(ledger: Ledger, all: boolean): Promise<void> {
    await this.#queue.run(() => this.#submitMissing(ledger, all))
  }

  async idle(): Promise<void> {
    await this.#queue.idle()
  }

  #plan(ledger: Ledger, input: SendInput, recipient = this.#deps.recipients.resolveForPayment(input.to)): Plan {
    const { chain, params } = this.#deps
    const amount = readAmount(input.amount)
    const { height } = chain.tip()
    const draft = draftTransfer({
      publicKey: ledger.profile.publicKey,
      sequence: ledger.nextSequence(),
      expiry: readExpiry(input.expires, height),
      fee: 0n,
      to: recipient.address,
      amount,
      memo: readMemo(input.memo ?? ''),
    })
    const transfer = { ...draft, fee: readFee(input.fee) ?? chain.suggestFee(transferSize(draft)) }
    if (amount < NEW_ACCOUNT_MINIMUM && !this.#isKnownAccount(ledger, recipient.address, transfer.sequence))
      throw tooLittleForNew(amount, formatAddress(recipient.address, params))
    const balance = ledger.balance()
    const left = balance.spendable - debitOf(transfer)
    if (left < 0n) throw insufficient(balance, debitOf(transfer))
    return { transfer, recipient, amount, left }
  }

  /** Whether the account is in the stack, or a transfer of ours that comes before will have made it. */
  #isKnownAccount(ledger: Ledger, address: Uint8Array, before: number): boolean {
    if (equalBytes(address, ledger.profile.address) || this.#deps.chain.account(address)) return true
    return [...ledger.live()].some(([sequence, [best]]) => sequence < before && best !== undefined && paidTo(best.transfer, address) > 0n)
  }

  async #waiting(ledger: Ledger, id: string): Promise<OwnTransfer> {
    await ledger.refresh()
    const own = ledger.own()
    const found = own.find((one) => one.id === id.trim().toLowerCase())
    if (!found) throw new Failure('NOT_FOUND', 'That is not a transfer of this wallet. Look up its id in the history.')
    const state = ledger.stateOf(found, own)
    if (state === 'confirmed') throw new Failure('REJECTED', 'It is in a cheese already and can be neither changed nor cancelled.')
    if (state !== 'waiting') throw new Failure('REJECTED', `It is ${state} already; there is nothing left to change.`)
    return found
  }

  async #supersede(ledger: Ledger, old: OwnTransfer, next: Transfer, open: OpenWallet): Promise<Sent> {
    const { fee, sequence } = old.transfer
    const least = ledger.feeToReplace(sequence, transferSize(next))
    if (next.fee < least) {
      throw new Failure('FEE_TOO_LOW', `To replace this transfer the fee must be at least ${formatCheese(least)} cheese; it pays ${formatCheese(fee)} now.`, {
        least: String(least),
      })
    }
    const balance = ledger.balance(sequence)
    if (balance.spendable < debitOf(next)) throw insufficient(balance, debitOf(next))
    const record = await this.#share(ledger, next, open)
    const [payment] = next.payments
    return this.#sent(record, payment?.to ?? ledger.profile.address, payment?.amount ?? 0n)
  }

  /** Signs, keeps, then submits. A transfer that is refused at once has been seen by nobody, and is forgotten. */
  async #share(ledger: Ledger, transfer: Transfer, { secretKey }: OpenWallet): Promise<SentRecord> {
    const { chain, clock, params, random, changed } = this.#deps
    const signed = signTransfer(transfer, secretKey, params, random)
    const record: SentRecord = { id: idOf(signed, params), transfer: signed, createdAt: Math.floor(clock.now() / 1000), createdHeight: chain.tip().height }
    assert(!ledger.has(record), 'a transfer is signed once')
    await ledger.record(record)
    const submitted = await chain.submit(signed)
    if (!submitted.ok) {
      await ledger.forget(record)
      throw refused(submitted.error)
    }
    changed()
    return record
  }

  async #submitMissing(ledger: Ledger, all = false): Promise<void> {
    const { chain, log } = this.#deps
    const waiting = new Set(chain.waiting(ledger.profile.address).map(({ id }) => toHex(id)))
    for (const [sequence, [best]] of [...ledger.live()].sort(([a], [b]) => a - b)) {
      if (!best || (waiting.has(best.id) && !all)) continue
      const submitted = await chain.submit(best.transfer)
      if (!submitted.ok) log.debug('an unconfirmed transfer of ours is not taken now', { id: best.id, sequence, why: submitted.error.message })
    }
  }

  /** The payment is on its way whatever becomes of the pin. */
  async #pin(member: Parameters<Contacts['pin']>[0]): Promise<void> {
    try {
      await this.#deps.contacts.pin(member)
    } catch (error) {
      this.#deps.log.warn('the key of a member that was paid could not be pinned', { error: String(error) })
    }
  }

  #sent(record: SentRecord, to: Uint8Array, amount: bigint): Sent {
    const { fee, sequence, expiry } = record.transfer
    return { id: record.id, to: formatAddress(to, this.#deps.params), amount: String(amount), fee: String(fee), sequence, expiry }
  }
}

function refused(refusal: SubmitRefusal): Failure {
  if (refusal.code === 'fee-too-low')
    return new Failure('FEE_TOO_LOW', `${refusal.message} Nothing was sent. Give a higher fee, or leave it out to have one suggested.`)
  return new Failure('REJECTED', `${refusal.message} Nothing was sent.`)
}

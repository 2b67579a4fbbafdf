import type { TransferView } from '../api/schemas.ts'
import { addressOf, formatAddress } from '../consensus/address.ts'
import { transferSize } from '../consensus/codec.ts'
import { transferId } from '../consensus/hash.ts'
import type { Params } from '../consensus/params.ts'
import type { Body, Transfer } from '../consensus/types.ts'
import { toHex } from '../util/bytes.ts'

const utf8 = new TextDecoder()

/** Bytes that may be any bytes, as text for people: what is not UTF-8 becomes replacement characters, controls become spaces. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes).replace(/\p{Cc}/gu, ' ')
}

/** A miner's note for people: as text where it is text, else as hex. */
export function noteOf(bytes: Uint8Array): string {
  const text = textOf(bytes)
  return text.includes('\ufffd') || text !== utf8.decode(bytes) ? `0x${toHex(bytes)}` : text
}

/** A transfer as the contract shows it. */
export function transferView(transfer: Transfer, params: Params): TransferView {
  return {
    id: toHex(transferId(transfer, params)),
    from: formatAddress(addressOf(transfer.from), params),
    sequence: transfer.sequence,
    expiry: transfer.expiry,
    fee: String(transfer.fee),
    payments: transfer.payments.map(({ to, amount }) => ({ to: formatAddress(to, params), amount: String(amount) })),
    memo: textOf(transfer.memo),
    size: transferSize(transfer),
  }
}

/** Fees of all transfers of `body`, crumbs. */
export function feesOf(body: Body): bigint {
  return body.transfers.reduce((sum, transfer) => sum + transfer.fee, 0n)
}

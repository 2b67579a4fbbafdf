/** Messages about transfers that wait. */
import { MAX_INVENTORY } from './limits.ts'
import { atMost, type Codecs, readIds, writeIds } from './messages-codec.ts'

export type TransferMessage =
  | { readonly type: 'getInventory' }
  | { readonly type: 'inv'; readonly ids: readonly string[] }
  | { readonly type: 'getTransfers'; readonly ids: readonly string[] }
  | { readonly type: 'transfer'; readonly bytes: Uint8Array }

export const TRANSFER_CODECS: Codecs<TransferMessage> = {
  getInventory: { write: () => undefined, read: () => ({ type: 'getInventory' }) },
  inv: {
    write: (out, m) => writeIds(out, m.ids),
    read: (input) => ({ type: 'inv', ids: readIds(input, atMost(input, input.u16(), MAX_INVENTORY)) }),
  },
  getTransfers: {
    write: (out, m) => writeIds(out, m.ids),
    read: (input) => ({ type: 'getTransfers', ids: readIds(input, atMost(input, input.u16(), MAX_INVENTORY)) }),
  },
  transfer: {
    write: (out, m) => void out.bytes(m.bytes),
    read: (input, length) => ({ type: 'transfer', bytes: input.bytes(length) }),
  },
}

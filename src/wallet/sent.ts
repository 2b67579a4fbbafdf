import { decodeTransfer, encodeTransfer } from '../consensus/codec.ts'
import { transferId } from '../consensus/hash.ts'
import type { Params } from '../consensus/params.ts'
import type { Transfer } from '../consensus/types.ts'
import { concatBytes, fromHex, toHex, tryFromHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import type { Store } from '../util/store.ts'

/** A transfer that this wallet signed, as it is kept: written before it is shared, so that a crash loses nothing. */
export interface SentRecord {
  /** Transfer id, hex. */
  readonly id: string
  readonly transfer: Transfer
  /** Unix seconds. */
  readonly createdAt: number
  /** The tip's height when it was made: its place in the history while no cheese holds it. */
  readonly createdHeight: number
}

/**
 * Records by key: `s` ‖ sender's address 20 ‖ sequence u32 ‖ transfer id 32
 *   → JSON {version: 1, transfer: hex, createdAt, createdHeight}
 */
const PREFIX = Uint8Array.of(0x73)

/** Sent records of one address in a store. */
export class SentStore {
  readonly #store: Store
  readonly #params: Params
  readonly #address: Uint8Array
  readonly #log: Logger

  constructor(store: Store, address: Uint8Array, params: Params, log: Logger) {
    this.#store = store
    this.#address = address
    this.#params = params
    this.#log = log
  }

  /** Every record, by sequence. One that cannot be read is left where it is and told of in the log. */
  async load(): Promise<SentRecord[]> {
    const prefix = concatBytes(PREFIX, this.#address)
    const records: SentRecord[] = []
    for await (const [key, value] of this.#store.entries({ gte: prefix, lt: after(prefix) })) {
      const record = this.#decode(value)
      if (record) records.push(record)
      else this.#log.warn('a sent record cannot be read', { key: toHex(key) })
    }
    return records
  }

  /** Writes a record; it has reached the disk when this resolves. */
  async put(record: SentRecord): Promise<void> {
    const json = { version: 1, transfer: toHex(encodeTransfer(record.transfer)), createdAt: record.createdAt, createdHeight: record.createdHeight }
    await this.#store.batch([{ type: 'put', key: this.#key(record), value: new TextEncoder().encode(JSON.stringify(json)) }], { sync: true })
  }

  async remove(record: SentRecord): Promise<void> {
    await this.#store.batch([{ type: 'del', key: this.#key(record) }], { sync: true })
  }

  #key(record: SentRecord): Uint8Array {
    const sequence = new Uint8Array(4)
    new DataView(sequence.buffer).setUint32(0, record.transfer.sequence)
    return concatBytes(PREFIX, this.#address, sequence, fromHex(record.id))
  }

  #decode(value: Uint8Array): SentRecord | undefined {
    try {
      const { version, transfer: hex, createdAt, createdHeight } = JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>
      if (version !== 1 || typeof hex !== 'string' || typeof createdAt !== 'number' || typeof createdHeight !== 'number') return undefined
      const bytes = tryFromHex(hex)
      const transfer = bytes && decodeTransfer(bytes)
      if (!transfer?.ok) return undefined
      return { id: toHex(transferId(transfer.value, this.#params)), transfer: transfer.value, createdAt, createdHeight }
    } catch {
      return undefined
    }
  }
}

/** The first key after all that begin with `prefix` (which is not all 0xff). */
function after(prefix: Uint8Array): Uint8Array {
  let end = prefix.length
  while (prefix[end - 1] === 0xff) end--
  const out = prefix.slice(0, end)
  out[end - 1] = (out[end - 1] as number) + 1
  return out
}

import { readdir } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { ClassicLevel } from 'classic-level'
import { Pacer } from '../chain/pause.ts'
import type { Store, StoreRange } from '../util/store.ts'
import { storeError, toStoreError } from './io-errors.ts'

/** Bytes that LevelDB keeps of recently read blocks, and of writes before they become a table. */
const CACHE_BYTES = 32 * 1024 * 1024
const WRITE_BUFFER_BYTES = 32 * 1024 * 1024
/** Entries fetched from an iterator at a time. */
const PAGE = 256
/** A batch of more is handed over in pieces, so that the main loop has turns in between. */
const SMALL_BATCH = 500
/** Each value is stored behind the CRC-32 of itself: LevelDB does not check its own sums when it reads. */
const SUM_BYTES = 4
const SCRATCH_BYTES = 65_536

/** Writes the sealed value into the beginning of `out`. */
function sealInto(out: Uint8Array, value: Uint8Array): Uint8Array {
  const sum = crc32(value)
  out[0] = sum >>> 24
  out[1] = sum >>> 16
  out[2] = sum >>> 8
  out[3] = sum
  out.set(value, SUM_BYTES)
  return out.subarray(0, SUM_BYTES + value.length)
}

const seal = (value: Uint8Array): Uint8Array => sealInto(new Uint8Array(SUM_BYTES + value.length), value)

/**
 * Opens (or makes) the LevelDB database in `folder`. Throws a `StoreError`, at open and at every use: `in-use`, `damaged`,
 * `disk-full`, `read-only`, `failed`.
 */
export async function openClassicStore(folder: string): Promise<Store> {
  const fail = (error: unknown): never => {
    throw toStoreError(error, folder)
  }
  // Without CURRENT LevelDB would make a new database and remove the files of the old one.
  const names = await readdir(folder).catch((): string[] => [])
  if (!names.includes('CURRENT') && names.some((name) => /^MANIFEST-|\.(ldb|sst)$/.test(name))) throw storeError('damaged', folder)

  const level = new ClassicLevel<Uint8Array, Uint8Array>(folder, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    cacheSize: CACHE_BYTES,
    writeBufferSize: WRITE_BUFFER_BYTES,
    // Hashes, keys and signatures do not get smaller, and trying took as long as all the rest of LevelDB's writing.
    compression: false,
  })
  await level.open().catch(fail)

  const unseal = (sealed: Uint8Array): Uint8Array => {
    if (sealed.length < SUM_BYTES) throw storeError('damaged', folder)
    const value = new Uint8Array(sealed.buffer, sealed.byteOffset + SUM_BYTES, sealed.length - SUM_BYTES)
    const sum = new DataView(sealed.buffer, sealed.byteOffset, SUM_BYTES).getUint32(0)
    if (crc32(value) !== sum) throw storeError('damaged', folder)
    return value
  }

  return {
    get(key) {
      try {
        const sealed = level.getSync(key)
        return sealed === undefined ? undefined : unseal(sealed)
      } catch (error) {
        return fail(error)
      }
    },
    async batch(ops, options = {}) {
      const how = { sync: options.sync === true }
      if (Array.isArray(ops) && ops.length <= SMALL_BATCH) {
        const sealed = ops.map((op) => (op.type === 'put' ? { type: op.type, key: op.key, value: seal(op.value) } : op))
        return level.batch(sealed, how).catch(fail)
      }
      // Nothing is written before write(): until then it is an ever longer list in LevelDB's own memory.
      const batch = level.batch()
      try {
        const pacer = new Pacer()
        // LevelDB copies what it is given at once: one place serves for all values but very long ones.
        const place = new Uint8Array(SCRATCH_BYTES)
        for (const op of ops) {
          if (op.type === 'put') batch.put(op.key, op.value.length + SUM_BYTES <= SCRATCH_BYTES ? sealInto(place, op.value) : seal(op.value))
          else batch.del(op.key)
          if (pacer.isLate) await pacer.pause()
        }
        await batch.write(how)
      } catch (error) {
        await batch.close()
        fail(error)
      }
    },
    entries(range: StoreRange) {
      // Made here and not at the first next(): the entries are those of now.
      const iterator = level.iterator({
        ...(range.gte ? { gte: range.gte } : {}),
        ...(range.lt ? { lt: range.lt } : {}),
        ...(range.reverse === undefined ? {} : { reverse: range.reverse }),
        ...(range.limit === undefined ? {} : { limit: range.limit }),
      })
      return (async function* () {
        try {
          for (;;) {
            const page = await iterator.nextv(PAGE).catch(fail)
            if (page.length === 0) return
            for (const [key, value] of page) yield [new Uint8Array(key.buffer, key.byteOffset, key.length), unseal(value)] as const
          }
        } finally {
          await iterator.close()
        }
      })()
    },
    close: () => level.close().catch(fail),
  }
}

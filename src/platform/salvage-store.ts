import { ClassicLevel } from 'classic-level'
import type { Store } from '../util/store.ts'
import { toStoreError } from './io-errors.ts'
import { openClassicStore } from './store-classic.ts'

/**
 * Opens a damaged database for reading what is left of it (chain/salvage.ts): LevelDB makes new tables of whatever it can
 * read, and moves the rest to `lost/` in the same folder. Changes the folder: set it aside first. Throws a `StoreError`.
 */
export async function openForSalvage(folder: string): Promise<Store> {
  try {
    await ClassicLevel.repair(folder)
  } catch (error) {
    throw toStoreError(error, folder)
  }
  return openClassicStore(folder)
}

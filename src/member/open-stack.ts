import { rename } from 'node:fs/promises'
import { salvage } from '../chain/salvage.ts'
import { CheeseStack, type StackOptions } from '../chain/stack.ts'
import { openClassicStore } from '../platform/store-classic.ts'
import { repairClassicStore } from '../platform/store-repair.ts'
import type { Store } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'

export interface OpenedStack {
  readonly stack: CheeseStack
  /** Where a damaged store was set aside, and up to which height it could be taken over. */
  readonly rebuilt: { readonly setAside: string; readonly height: number } | undefined
}

async function openIn(folder: string, options: Omit<StackOptions, 'store'>): Promise<CheeseStack> {
  const store: Store = await openClassicStore(folder)
  try {
    return await CheeseStack.open({ ...options, store })
  } catch (error) {
    await store.close()
    throw error
  }
}

/** A name beside `folder` that tells when it was set aside; nothing is ever overwritten. */
function asideName(folder: string, now: number): string {
  return `${folder}.damaged-${new Date(now).toISOString().replace(/[:.]/g, '-')}`
}

/**
 * Opens the stack in `folder`. A damaged one is set aside, whatever can still be read of it is checked like a stranger's
 * and taken over, and peers give the rest. Rejects with a `StoreError`.
 */
export async function openStack(folder: string, options: Omit<StackOptions, 'store'>): Promise<OpenedStack> {
  const { clock, log } = options
  try {
    return { stack: await openIn(folder, options), rebuilt: undefined }
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'damaged') throw error
    log.warn('the stored stack is damaged; it is set aside and rebuilt', { folder, error: error.message })
  }
  const setAside = asideName(folder, clock.now())
  await rename(folder, setAside)
  const stack = await openIn(folder, options)
  try {
    await takeOver(setAside, stack)
  } catch (error) {
    // What could not be taken over comes from peers.
    log.warn('not everything could be read of the damaged stack', { setAside, error: String(error) })
  }
  return { stack, rebuilt: { setAside, height: stack.tip.height } }
}

async function takeOver(folder: string, stack: CheeseStack): Promise<void> {
  const old = await openClassicStore(folder).catch(async () => ((await repairClassicStore(folder)) ? openClassicStore(folder) : undefined))
  if (!old) return
  try {
    await salvage(old, stack)
  } finally {
    await old.close()
  }
}

import { ClassicLevel } from 'classic-level'

/**
 * Has LevelDB put together what is left of a damaged store in `folder`: whatever can be read stays, the rest is dropped
 * without a word. For a copy that was set aside, never for a store in use; what comes out is to be checked as a stranger's.
 * @returns whether there is something that can be opened
 */
export async function repairClassicStore(folder: string): Promise<boolean> {
  try {
    await ClassicLevel.repair(folder)
    return true
  } catch {
    return false
  }
}

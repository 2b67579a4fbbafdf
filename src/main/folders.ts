import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Less free space than this is none. */
const PROBE_BYTES = 64 * 1024

/**
 * Where Chromium keeps its own things: in a folder of the member's data folder, so that each data folder has a window of its
 * own (the lock against a second one lies there), or in a temporary one when the disk does not take it: the window then says why.
 */
export function windowFolder(dataDir: string): string {
  const folder = join(dataDir, 'window')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // A full disk takes the folder and not what Chromium puts into it; without its lock the app would believe that it runs already.
    const probe = join(folder, 'probe')
    writeFileSync(probe, new Uint8Array(PROBE_BYTES))
    rmSync(probe)
    return folder
  } catch {
    return mkdtempSync(join(tmpdir(), 'cheese-window-'))
  }
}

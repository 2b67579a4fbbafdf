import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Where Chromium keeps its own things: in a folder of the member's data folder, so that each data folder has a window of its
 * own (the lock against a second one lies there), or in a temporary one when the disk does not take it: the window then says why.
 */
export function windowFolder(dataDir: string): string {
  const folder = join(dataDir, 'window')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  } catch {
    return mkdtempSync(join(tmpdir(), 'cheese-window-'))
  }
}

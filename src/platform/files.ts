import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Files } from '../util/files.ts'
import { toStoreError } from './io-errors.ts'

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** Makes the rename itself durable. Windows cannot open folders and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes `folder` and what is missing above it. Node's own recursive way never ends where a file system takes no folders (/proc). */
async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error
    await makeFolder(dirname(folder), mode)
    await mkdir(folder, { mode }).catch((again: NodeJS.ErrnoException) => {
      // Somebody else may have been quicker.
      if (again.code !== 'EEXIST') throw again
    })
  }
}

/**
 * Replaces `path` whole or not at all: a new file beside it is written, flushed to the disk and renamed over it.
 * Makes the folder that is missing. Throws a `StoreError` (`disk-full`, `read-only`, `failed`).
 * @param options.mode permissions of the file, 0o644 by default
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array, options: { readonly mode?: number } = {}): Promise<void> {
  const mode = options.mode ?? 0o644
  const folder = dirname(path)
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    // A folder of secrets is made closed from the start; one that exists keeps its permissions.
    await makeFolder(folder, (mode & 0o077) === 0 ? 0o700 : 0o755)
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw toStoreError(error, path)
  }
}

/** The machine's own files. Everything but a missing file is thrown as a `StoreError`. */
export const systemFiles: Files = {
  async read(path) {
    try {
      return new Uint8Array(await readFile(path))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw toStoreError(error, path)
    }
  },
  write: (path, bytes, options) => writeFileAtomic(path, bytes, options?.secret === true ? { mode: 0o600 } : {}),
  async remove(path) {
    try {
      await rm(path, { force: true })
    } catch (error) {
      throw toStoreError(error, path)
    }
  },
  async list(folder) {
    try {
      return await readdir(folder)
    } catch (error) {
      if (isMissing(error)) return []
      throw toStoreError(error, folder)
    }
  },
}

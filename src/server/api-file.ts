import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../platform/files.ts'

const ApiFile = z.object({ endpoint: z.string(), token: z.string().min(1), pid: z.number().int() })
/** How to reach the member that runs in a data folder: readable by its owner alone, there while the member runs. */
export type ApiFile = z.infer<typeof ApiFile>

const pathIn = (dataDir: string) => join(dataDir, 'api.json')

/** Leaves `api` for the command line. */
export async function writeApiFile(dataDir: string, api: ApiFile): Promise<void> {
  await writeFileAtomic(pathIn(dataDir), new TextEncoder().encode(`${JSON.stringify(api)}\n`), { mode: 0o600 })
}

/** What the member in `dataDir` left, or undefined when none runs there (or its file cannot be read as one). */
export async function readApiFile(dataDir: string): Promise<ApiFile | undefined> {
  try {
    return ApiFile.parse(JSON.parse(await readFile(pathIn(dataDir), 'utf8')))
  } catch {
    return undefined
  }
}

/** Takes `api` away again, unless another member has left its own there since. */
export async function removeApiFile(dataDir: string, api: ApiFile): Promise<void> {
  if ((await readApiFile(dataDir))?.token === api.token) await rm(pathIn(dataDir), { force: true })
}

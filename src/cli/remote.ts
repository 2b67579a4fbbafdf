import { ORPCError } from '@orpc/client'
import { httpClient, type MemberClient } from '../api/carriers/client.ts'
import { type ApiFile, readApiFile } from '../server/api-file.ts'
import { type ControlOptions, dataDirOf, networkIn } from './context.ts'
import { CommandError } from './io.ts'
import { processEnded } from './process-ended.ts'

export interface Remote {
  readonly dataDir: string
  readonly file: ApiFile
  /** Calls the member; what it refuses rejects with the `ORPCError`, all else with a `CommandError`. */
  call<T>(use: (client: MemberClient) => Promise<T>): Promise<T>
}

function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed'
}

/** Finds the member that runs in the data folder of `options`. Fails when none does. */
export async function findMember(options: ControlOptions): Promise<Remote> {
  const dataDir = dataDirOf(options)
  const file = await readApiFile(dataDir)
  if (file === undefined) throw new CommandError(await noMember(options, dataDir))
  // One that was killed leaves its file, and its port to whoever takes it next: they must not see token or passphrase.
  if (options.api === undefined && processEnded(file.pid)) throw new CommandError(ended(file.endpoint, dataDir))
  const endpoint = options.api ?? file.endpoint
  const client = httpClient({ endpoint, token: file.token })
  return {
    dataDir,
    file,
    async call(use) {
      try {
        return await use(client)
      } catch (error) {
        if (isUnreachable(error)) throw new CommandError(silent(endpoint, file, dataDir))
        if (error instanceof ORPCError && error.status === 401) {
          throw new CommandError(`The member at ${endpoint} does not know the token in ${dataDir}: give the --data-dir of that member.`)
        }
        throw error
      }
    },
  }
}

async function noMember({ dataDir: given, network }: ControlOptions, dataDir: string): Promise<string> {
  const folder = given === undefined ? '' : ` --data-dir ${given}`
  const start = `start one with "cheese member --network ${(await networkIn(dataDir)) ?? network}${folder}"`
  return `No member runs in ${dataDir}: ${start}, or name the folder of one that runs with --data-dir. (A window takes commands when it was started with --api 127.0.0.1:0.)`
}

function silent(endpoint: string, file: ApiFile, dataDir: string): string {
  if (endpoint === file.endpoint) return ended(endpoint, dataDir)
  return `Nothing answers at ${endpoint}: the member in ${dataDir} listens at ${file.endpoint}. Give that as --api, or leave it out.`
}

function ended(endpoint: string, dataDir: string): string {
  return `Nothing answers at ${endpoint}: the member in ${dataDir} has ended. Start it again with "cheese member".`
}

/** The code of what the member refused, or undefined for any other error. */
export function failureCode(error: unknown): string | undefined {
  return error instanceof ORPCError ? String(error.code) : undefined
}

import { Failure } from '../api/errors.ts'
import type { HostBridge } from '../api/host.ts'
import type { Member } from '../member/member.ts'
import { type HostOptions, openMember } from '../server/host.ts'
import type { Layout } from '../server/layout.ts'
import { type MemberServer, openServer } from '../server/server.ts'
import type { Logger } from '../util/ports.ts'

/** How long a member may take to say goodbye and close its store before the app ends without it, milliseconds. */
export const CLOSE_MS = 15_000

export interface Life {
  readonly member: Member | undefined
  readonly server: MemberServer | undefined
  readonly startFailure: HostBridge['startFailure']
  /** Ends the member, within a time that a person who quits can bear. */
  close(): Promise<void>
}

/** Opens the member of this app, or says why that cannot be: then the window says so. */
export async function openLife(options: HostOptions, layout: Layout, api: string | undefined, log: Logger): Promise<Life> {
  let member: Member | undefined
  let server: MemberServer | undefined
  const close = async () => {
    const closing = (async () => {
      await member?.close()
      await server?.close()
    })()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), CLOSE_MS)
    })
    const ended = await Promise.race([closing.catch((error: unknown) => log.error('the member did not close cleanly', { error })), late])
    clearTimeout(timer)
    if (ended === 'late') log.error('the member did not close in time')
  }
  try {
    member = await openMember(options, layout)
    if (api !== undefined)
      server = await openServer({ service: member.service, listen: api, version: layout.version, dataDir: options.dataDir, log: log.child('api') })
    return { member, server, startFailure: null, close }
  } catch (error) {
    await close()
    log.error('the member cannot be opened', { error })
    const startFailure =
      error instanceof Failure
        ? { code: error.code, message: error.message }
        : {
            code: 'BUG',
            message: `Something went wrong inside Cheese Stack while it opened ${options.dataDir}. Please report this: ${error instanceof Error ? error.message : String(error)}`,
          }
    return { member: undefined, server: undefined, startFailure, close: async () => undefined }
  }
}

import type { MemberEvent } from '../api/schemas.ts'
import { type Api, type Dial, type Line, NoSession } from './client.ts'

/** How the window stands with the member. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'online' }
  | { readonly state: 'away'; readonly attempt: number }
  | { readonly state: 'no-session' }

export interface KeepOptions {
  readonly dial: Dial
  /** Told of each connection before it is used; undefined when it is gone. */
  readonly use: (line: Line | undefined) => void
  readonly api: Api
  readonly onConnection: (connection: Connection) => void
  readonly onEvent: (event: MemberEvent) => void
  /** Waits `ms`; another clock in tests. */
  readonly wait: (ms: number) => Promise<void>
}

/** Milliseconds to wait before try number `attempt` (from 1): 0.5 s, doubling, at most 10 s. */
export function backOff(attempt: number): number {
  return Math.min(500 * 2 ** Math.min(attempt - 1, 10), 10_000)
}

/** Keeps a connection to the member and feeds its events on, for ever; ends only when there is no session. */
export async function keepConnected({ dial, use, api, onConnection, onEvent, wait }: KeepOptions): Promise<void> {
  onConnection({ state: 'connecting' })
  for (let attempt = 1; ; attempt++) {
    try {
      const line = await dial()
      use(line)
      try {
        for await (const event of await api.events()) {
          if (attempt > 0) onConnection({ state: 'online' })
          attempt = 0
          onEvent(event)
        }
      } finally {
        use(undefined)
        line.close()
      }
    } catch (error) {
      if (error instanceof NoSession) {
        onConnection({ state: 'no-session' })
        return
      }
    }
    onConnection({ state: 'away', attempt: Math.max(1, attempt) })
    await wait(backOff(Math.max(1, attempt)))
  }
}

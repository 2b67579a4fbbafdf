import { clientOver, dialHost, dialServer, type Line, redeemCode } from './client.ts'
import { keepConnected } from './connection.ts'
import { onConnection, onEvent } from './store.ts'

let line: Line | undefined

/** The member, over whatever connection there is now. Calls reject while there is none. */
export const api = clientOver(() => line?.link)

/** Why the member could not be opened at all, or null. */
export const startFailure = window.cheeseHost?.startFailure ?? null

/** Connects to the member and stays connected: through Electron where the page runs in it, else to the server it came from. */
export async function startSession(): Promise<void> {
  const host = window.cheeseHost
  if (host?.startFailure) return
  if (!host) await redeemCode()
  await keepConnected({
    dial: host ? dialHost(host) : dialServer(window.location),
    use: (next) => {
      line = next
    },
    api,
    onConnection,
    onEvent,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })
}

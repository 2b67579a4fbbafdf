import { type ClientLink, createORPCClient, DynamicLink } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../api/contract.ts'
import { type HostBridge, KEY_PROTOCOL, PORT_MESSAGE, SOCKET_PROTOCOL } from '../api/host.ts'

/** The member as the page calls it. */
export type Api = ContractRouterClient<Contract>

type Link = ClientLink<Record<never, never>>

/** Where the page keeps the key of its session: storage is of one host and port, which cookies are not. */
const KEY = 'cheese-session-key'

/** One connection to the member. */
export interface Line {
  readonly link: Link
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
  /** Hangs up. */
  close(): void
}

/** No session with the member: only a fresh link, asked from the member, helps. */
export class NoSession extends Error {}

/** Opens a connection; rejects when there is none to be had now, with `NoSession` when trying again cannot help. */
export type Dial = () => Promise<Line>

/** A client that calls over whatever `current` gives at that moment. */
export function clientOver(current: () => Link | undefined): Api {
  return createORPCClient(
    new DynamicLink(() => {
      const link = current()
      if (!link) throw new Error('not connected')
      return link
    }),
  )
}

/** Dials through Electron: asks the preload for a port. */
export function dialHost(host: HostBridge): Dial {
  return () =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(() => reject(new Error('the app did not answer'))), 10_000)
      const done = (how: () => void) => {
        clearTimeout(timer)
        window.removeEventListener('message', onMessage)
        how()
      }
      const onMessage = (event: MessageEvent) => {
        const port = event.ports[0]
        if (event.source !== window || event.data !== PORT_MESSAGE || !port) return
        done(() => resolve(portLine(port)))
      }
      window.addEventListener('message', onMessage)
      host.connect()
    })
}

function portLine(port: MessagePort): Line {
  const closed = new Promise<void>((resolve) => port.addEventListener('close', () => resolve(), { once: true }))
  const link = new PortLink({ port })
  port.start()
  return { link, closed, close: () => port.close() }
}

/** Dials the member that served this page, over a WebSocket that the session's cookie opens. */
export function dialServer(origin: Location): Dial {
  return () =>
    new Promise((resolve, reject) => {
      const key = window.localStorage.getItem(KEY)
      const protocols = key === null ? [SOCKET_PROTOCOL] : [SOCKET_PROTOCOL, `${KEY_PROTOCOL}${key}`]
      const socket = new WebSocket(`${origin.protocol === 'https:' ? 'wss' : 'ws'}://${origin.host}/api/ws`, protocols)
      socket.binaryType = 'arraybuffer'
      const closed = new Promise<void>((gone) => socket.addEventListener('close', () => gone(), { once: true }))
      let opened = false
      socket.addEventListener('open', () => {
        opened = true
        resolve({ link: new SocketLink({ websocket: socket }), closed, close: () => socket.close() })
      })
      // A refused upgrade and a member that is away look the same from here: whether it still answers plain HTTP tells them apart.
      void closed.then(async () => {
        if (opened) return
        const answers = await fetch(origin.pathname, { cache: 'no-store' }).then(
          (response) => response.status < 500,
          () => false,
        )
        reject(answers ? new NoSession('no session') : new Error('the member is away'))
      })
    })
}

/** Trades the one-time code of a `#code=…` link for the session's cookie and key, and takes it out of the address bar. */
export async function redeemCode(): Promise<void> {
  const code = /^#code=([^&/]+)/.exec(window.location.hash)?.[1]
  if (!code) return
  window.history.replaceState(null, '', window.location.pathname)
  // A code that was used before is refused; what it bought then may still be good, which dialling will show.
  const answer = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: decodeURIComponent(code) }),
    credentials: 'same-origin',
  }).catch(() => undefined)
  if (!answer?.ok) return
  const { key } = (await answer.json()) as { key: string }
  window.localStorage.setItem(KEY, key)
}

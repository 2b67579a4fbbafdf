import { RPCHandler } from '@orpc/server/ws'
import type { WebSocket } from 'ws'
import type { MemberRouter } from '../router.ts'

/** Answers the contract on `socket` until it closes. Who may open a socket is for the server to decide. */
export function serveWebSocket(router: MemberRouter, socket: WebSocket): void {
  void new RPCHandler(router).upgrade(socket)
}

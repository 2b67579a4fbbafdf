import { RPCHandler } from '@orpc/server/message-port'
import type { MemberRouter } from '../router.ts'

/** What is needed of Electron's MessagePortMain (or Node's MessagePort): no import of either here. */
type Port = Parameters<RPCHandler<Record<never, never>>['upgrade']>[0] & { start?(): void }

/** Answers the contract on `port` until its far end is gone. */
export function serveMessagePort(router: MemberRouter, port: Port): void {
  new RPCHandler(router).upgrade(port)
  port.start?.()
}

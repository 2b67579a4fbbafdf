import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../contract.ts'

/** The contract as functions, answered by a member somewhere else. */
export type MemberClient = ContractRouterClient<Contract>

/** Speaks the contract over HTTP with the member at `endpoint` (`HOST:PORT`), which handed out `token`. Calls reject with an `ORPCError`, or with what `fetch` rejects with. */
export function httpClient({ endpoint, token }: { readonly endpoint: string; readonly token: string }): MemberClient {
  return createORPCClient(new RPCLink({ url: `http://${endpoint}/api/rpc`, headers: { authorization: `Bearer ${token}` } }))
}

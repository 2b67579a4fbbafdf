import type { ContractProcedure, InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract'
import type { Contract, contract } from './contract.ts'
import type { MemberEvent } from './schemas.ts'

type Inputs = InferContractRouterInputs<Contract>
type Outputs = InferContractRouterOutputs<Contract>

type ServiceOf<T, I, O> = {
  readonly [K in keyof T & keyof I & keyof O]: T[K] extends ContractProcedure<infer _A, infer _B, infer _C, infer _D>
    ? (input: Exclude<I[K], undefined>) => Promise<O[K]>
    : ServiceOf<T[K], I[K], O[K]>
}

/** What a member does for its faces: one function per procedure of the contract. They throw `Failure`s, or bugs. */
export type MemberService = Omit<ServiceOf<typeof contract, Inputs, Outputs>, 'events'> & {
  /** What changes, from a first `status` on, until `signal` aborts or the member ends. */
  readonly events: (signal: AbortSignal | undefined) => AsyncIterable<MemberEvent>
}

import type { Endpoint } from '../util/ip.ts'
import type { Result } from '../util/result.ts'

/** What a member needs of its router: a port that is held open for it. Adapters: platform/{pcp,nat-pmp,upnp}.ts. */

export type MappedBy = 'pcp' | 'nat-pmp' | 'upnp'

export interface Mapped {
  /** Where the router says that others can dial us; what of it is no address of the internet is for the reader to notice. */
  readonly endpoints: readonly Endpoint[]
  /** So long the router keeps it, seconds. */
  readonly lifetime: number
}

/** `silent`: nothing there speaks this. `refused`: something does, and said no. The message is a sentence for people. */
export interface MapFailure {
  readonly code: 'silent' | 'refused'
  readonly message: string
}

/** One way to ask a router. */
export interface PortMapper {
  readonly by: MappedBy
  /** Asks for `port`, and to keep it for `lifetime` seconds; asking again renews it. Ends soon after `signal` aborts. */
  map(port: number, lifetime: number, signal: AbortSignal): Promise<Result<Mapped, MapFailure>>
  /** Gives back what `map` got, as far as that can still be said to anybody. Never rejects. */
  unmap(port: number, signal: AbortSignal): Promise<void>
  /** Calls `lost` when the router says that it has forgotten everything. Returns a function that ends that. */
  watch?(lost: () => void): () => void
}

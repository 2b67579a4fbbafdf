import type { Emitter } from '../util/events.ts'
import type { Result } from '../util/result.ts'

/**
 * What the members' protocol needs from whatever carries its bytes: authenticated, encrypted, ordered byte streams.
 * Adapters: platform/tls-transport.ts (TLS 1.3 over TCP) and platform/memory-transport.ts (tests).
 */

/** Somewhere to dial or to listen at. The host is an IP address or a name. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `192.0.2.7:9875` or `[2001:db8::1]:9875`. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Who opened a connection: we (`out`) or the other side (`in`). */
export type Direction = 'in' | 'out'

/**
 * `port-in-use`, `permission`, `bad-address`: of listening. `refused`, `unreachable`, `timeout`, `aborted`: of dialling.
 * `proxy`: the proxy that stands between does not do its part. `not-a-member`: something answered, but not with TLS 1.3 and a P-256 certificate. `failed`: anything else.
 */
export type TransportErrorCode =
  | 'port-in-use'
  | 'permission'
  | 'bad-address'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  | 'proxy'
  | 'not-a-member'
  | 'failed'

/** Why no connection or listener came about. The message says what happened and what to do. */
export interface TransportError {
  readonly kind: 'transport'
  readonly code: TransportErrorCode
  readonly message: string
}

/** A `TransportError` of `code`. */
export function transportError(code: TransportErrorCode, message: string): TransportError {
  return { kind: 'transport', code, message }
}

export interface ConnectionEvents {
  /** Bytes, in order; how they are cut into pieces means nothing. */
  data: Uint8Array
  /** After `send` said false: there is room again. */
  drain: undefined
  /** Once, whoever ended it. The text is for logs. */
  close: string
}

/** An open connection. It starts paused: attach handlers, then `resume`. Nothing is emitted after `close`. */
export interface Connection {
  /** Lower-case hex of the SHA-256 of the far end's public key (SPKI, P-256, uncompressed): its member id. */
  readonly remoteId: string
  /** The address as we see it. The port of a connection that came in is not one to dial. */
  readonly remote: HostPort
  readonly direction: Direction
  /** Bytes received and sent, without the transport's own. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** Bytes given to `send` that have not left yet. */
  readonly buffered: number
  readonly events: Emitter<ConnectionEvents>
  /** Sends `bytes` (which must not be changed afterwards). False: enough waits to be sent, go on after `drain`. No effect once closed. */
  send(bytes: Uint8Array): boolean
  /** Stops reading, so that the far end cannot send more either. */
  pause(): void
  resume(): void
  /** Ends it after what was sent has left, or at once when that takes too long. `reason` is for logs alone. */
  close(reason: string): void
}

export interface Listener {
  /** Where it really listens: with the port chosen, if 0 was asked for. */
  readonly endpoint: HostPort
  /** Stops taking connections; those that exist stay open. */
  close(): Promise<void>
}

export interface ListenOptions extends HostPort {
  /** Asked with the far end's IP address before anything costly is done for it. */
  readonly admit: (host: string) => boolean
  readonly onConnection: (connection: Connection) => void
}

export interface Transport {
  /** Our own id, as others see it: lower-case hex, 32 bytes. */
  readonly memberId: string
  listen(options: ListenOptions): Promise<Result<Listener, TransportError>>
  /** @param options.timeoutMs for all of it: name, TCP and TLS */
  connect(endpoint: HostPort, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<Result<Connection, TransportError>>
}

/** What pure code needs from its host: time, chance and a place to write what happened. Adapters are in platform/. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `fn` once after `ms`; returns a function that calls it off. Must not keep the process alive by itself. */
  after(ms: number, fn: () => void): () => void
}

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array
  /** A number in [0, 1), for jitter and sampling only. */
  fraction(): number
}

export interface Logger {
  debug(message: string, details?: Readonly<Record<string, unknown>>): void
  info(message: string, details?: Readonly<Record<string, unknown>>): void
  warn(message: string, details?: Readonly<Record<string, unknown>>): void
  error(message: string, details?: Readonly<Record<string, unknown>>): void
  /** A logger that puts `scope` before each message. */
  child(scope: string): Logger
}

/** Writes nothing. */
export const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
}

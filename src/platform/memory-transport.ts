import {
  type Connection,
  type ConnectionEvents,
  type Direction,
  formatHostPort,
  type HostPort,
  type Listener,
  type ListenOptions,
  type Transport,
  transportError,
} from '../net/transport.ts'
import { Emitter } from '../util/events.ts'
import type { Clock } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'

const HIGH_WATER = 1_048_576

/** What the ways between hosts do to what travels on them: for simulations, where a line takes time for each byte and may lead nowhere. */
export interface Wire {
  /** Milliseconds until `parcel`, sent now, has arrived; undefined when it never does, nor anything that is sent after it on its connection. */
  carryMs(from: string, to: string, parcel: Parcel): number | undefined
  /** Milliseconds until a connection stands; undefined when nobody answers: then the dial runs out of time. */
  connectMs(from: string, to: string): number | undefined
}

/** An internet inside one process: hosts that reach each other through function calls, with latency and cuts. The twin of the TLS transport for tests. */
export class MemoryInternet {
  readonly #clock: Clock
  readonly #wire: Wire | undefined
  readonly #latencyMs: (from: string, to: string) => number
  readonly #listeners = new Map<string, ListenOptions & { readonly memberId: string }>()
  readonly #connections = new Set<MemoryConnection>()
  #cut: (a: string, b: string) => boolean = () => false
  #nextPort = 20_000

  /** @param options.wire in place of `latencyMs`, where more than latency matters */
  constructor(options: { readonly clock: Clock; readonly latencyMs?: (from: string, to: string) => number; readonly wire?: Wire }) {
    this.#clock = options.clock
    this.#latencyMs = options.latencyMs ?? (() => 0)
    this.#wire = options.wire
  }

  /** From now on no two hosts for which `cut` is true reach each other; connections between them end at once. */
  partition(cut: (a: string, b: string) => boolean): void {
    this.#cut = cut
    for (const connection of [...this.#connections]) if (cut(connection.localHost, connection.remote.host)) connection.sever('the network was cut')
  }

  /** The transport of a member with this id that lives at `host`. */
  transport(memberId: string, host: string): Transport {
    return {
      memberId,
      listen: async (options) => {
        const port = options.port === 0 ? this.#nextPort++ : options.port
        const key = formatHostPort({ host, port })
        if (this.#listeners.has(key)) return err(transportError('port-in-use', `${key} is in use: choose another port.`))
        this.#listeners.set(key, { ...options, memberId })
        const listener: Listener = { endpoint: { host, port }, close: async () => void this.#listeners.delete(key) }
        return ok(listener)
      },
      connect: async (endpoint, options) => {
        const key = formatHostPort(endpoint)
        const refuse = (code: 'refused' | 'unreachable' | 'timeout' | 'aborted') => err(transportError(code, `${key} could not be reached.`))
        const takes = this.#wire?.connectMs(host, endpoint.host)
        const gone = this.#wire && (takes === undefined || !this.#listeners.has(key))
        if (this.#wire) await this.#pass(Math.min(options.timeoutMs, gone ? options.timeoutMs : (takes ?? 0)), options.signal)
        if (options.signal?.aborted) return refuse('aborted')
        if (gone) return refuse('timeout')
        if (this.#cut(host, endpoint.host)) return refuse('unreachable')
        const listener = this.#listeners.get(key)
        if (!listener?.admit(host)) return refuse('refused')
        const near = this.#end('out', listener.memberId, host, endpoint)
        const far = this.#end('in', memberId, endpoint.host, { host, port: this.#nextPort++ })
        near.join(far)
        far.join(near)
        listener.onConnection(far)
        return ok(near)
      },
    }
  }

  /** Lets time pass, or less when it is called off. */
  #pass(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#clock.after(ms, () => {
        signal?.removeEventListener('abort', end)
        resolve()
      })
      const end = () => {
        callOff()
        resolve()
      }
      if (signal?.aborted) end()
      else signal?.addEventListener('abort', end, { once: true })
    })
  }

  #end(direction: Direction, remoteId: string, localHost: string, remote: HostPort): MemoryConnection {
    let earliest = 0
    let lost = false
    const connection = new MemoryConnection(direction, remoteId, localHost, remote, (parcel, deliver) => {
      const latency = this.#wire ? this.#wire.carryMs(localHost, remote.host, parcel) : this.#latencyMs(localHost, remote.host)
      lost ||= latency === undefined
      if (lost || latency === undefined) return
      if (latency <= 0 && !this.#wire) return queueMicrotask(deliver)
      // What was sent later never arrives earlier.
      earliest = Math.max(earliest, this.#clock.now() + latency)
      this.#clock.after(earliest - this.#clock.now(), deliver)
    })
    this.#connections.add(connection)
    connection.events.on('close', () => this.#connections.delete(connection))
    return connection
  }
}

/** Bytes that were sent at once, or the end of the connection. */
export type Parcel = Uint8Array | 'end'

class MemoryConnection implements Connection {
  readonly direction: Direction
  readonly remoteId: string
  readonly localHost: string
  readonly remote: HostPort
  readonly events = new Emitter<ConnectionEvents>()
  bytesIn = 0
  bytesOut = 0
  buffered = 0
  readonly #carry: (parcel: Parcel, deliver: () => void) => void
  readonly #inbox: Parcel[] = []
  #far: MemoryConnection | undefined
  #paused = true
  #closed = false
  #full = false

  constructor(direction: Direction, remoteId: string, localHost: string, remote: HostPort, carry: (parcel: Parcel, deliver: () => void) => void) {
    this.direction = direction
    this.remoteId = remoteId
    this.localHost = localHost
    this.remote = remote
    this.#carry = carry
  }

  join(far: MemoryConnection): void {
    this.#far = far
  }

  send(bytes: Uint8Array): boolean {
    if (this.#closed) return false
    this.bytesOut += bytes.length
    this.buffered += bytes.length
    const copy = bytes.slice()
    this.#carry(copy, () => this.#far?.receive(copy))
    if (this.buffered > HIGH_WATER) this.#full = true
    return !this.#full
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    queueMicrotask(() => this.#deliver())
  }

  close(reason: string): void {
    if (this.#closed) return
    this.#carry('end', () => this.#far?.receive('end'))
    this.sever(reason, true)
  }

  /** Ends both ends, as a broken cable does; or this one alone. */
  sever(reason: string, alone = false): void {
    if (this.#closed) return
    this.#closed = true
    this.#inbox.length = 0
    queueMicrotask(() => this.events.emit('close', reason))
    if (!alone) this.#far?.sever(reason)
  }

  receive(parcel: Parcel): void {
    if (this.#closed) return
    this.#inbox.push(parcel)
    this.#deliver()
  }

  #deliver(): void {
    while (!this.#paused && !this.#closed) {
      const parcel = this.#inbox.shift()
      if (parcel === undefined) return
      if (parcel === 'end') {
        this.sever('the other side closed the connection', true)
        return
      }
      this.bytesIn += parcel.length
      this.#far?.consumed(parcel.length)
      this.events.emit('data', parcel)
    }
  }

  consumed(length: number): void {
    this.buffered -= length
    if (!this.#full || this.buffered > HIGH_WATER / 2 || this.#closed) return
    this.#full = false
    queueMicrotask(() => {
      if (!this.#closed) this.events.emit('drain', undefined)
    })
  }
}

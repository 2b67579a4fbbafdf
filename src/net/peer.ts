import { BoundedMap, BoundedSet } from '../util/bounded.ts'
import { TokenBucket } from '../util/bucket.ts'
import type { Clock } from '../util/ports.ts'
import type { Channel } from './channel.ts'
import { PEER_LIMITS, SHARES, type ShareName } from './limits.ts'
import type { GoodbyeCode, Hello, Message } from './messages.ts'
import { type Direction, formatHostPort, type HostPort } from './transport.ts'

/** What a peer says its best cheese is, or what we found out about that. */
export interface Claim {
  readonly smell: string
  readonly height: number
  readonly work: bigint
}

export interface PeerOptions {
  readonly channel: Channel
  readonly hello: Hello
  readonly version: number
  readonly clock: Clock
  readonly random64: () => bigint
  /** Where it can be dialled: what we dialled, or the port that it named at the address that we see. */
  readonly endpoint: HostPort | undefined
  /** A person asked for this connection: it does not count toward the limits. */
  readonly manual: boolean
  /** The nonce of whoever dialled. */
  readonly dialNonce: bigint
}

/** One connected member, after the handshake. */
export class Peer {
  readonly memberId: string
  readonly direction: Direction
  readonly remote: HostPort
  readonly endpoint: HostPort | undefined
  readonly hello: Hello
  readonly version: number
  readonly manual: boolean
  /** Milliseconds since 1970. */
  readonly connectedAt: number
  readonly channel: Channel
  readonly dialNonce: bigint

  /** Its best cheese. Believed until it had the chance to show the headers. */
  claim: Claim
  /** Last round trip, milliseconds. */
  latencyMs: number | undefined
  /** The shortest so far: what no peer can pretend. */
  bestLatencyMs: number | undefined
  /** When it last gave us a cheese and a transfer that we took, milliseconds since 1970; 0 = never. */
  readonly gave = { cheese: 0, transfer: 0 }
  /** Relay ids that it showed to have, and when it first did, in milliseconds since 1970. */
  readonly shown = new BoundedMap<string, number>(PEER_LIMITS.remembered)
  /**
   * How we hear of new cheeses from it: `high`: as compact ones at once, which we asked for; `low`: by header, and then as compact ones;
   * `full`: as whole ones, since it speaks the first version.
   */
  relay: 'high' | 'low' | 'full'
  /** Whether it was ever asked to push compact cheeses: what it does not know yet that we changed our mind about is no fault. */
  mayPush = false
  /** How it wants to hear of them from us. */
  wants: 'high' | 'low' = 'low'
  /** Cheeses that it has, or will have when it has read what was sent to it. */
  readonly cheeses = new BoundedSet<string>(PEER_LIMITS.cheeses)
  /** Relay ids that we told it of. */
  readonly told = new BoundedSet<string>(PEER_LIMITS.remembered)

  /** What it may still do. */
  readonly limits: Readonly<Record<ShareName, TokenBucket>>

  readonly #clock: Clock
  readonly #random64: () => bigint
  readonly #queue: (() => Message | undefined | Promise<Message>)[] = []
  #draining = false
  /** An answer is being made, and those after it wait. */
  #making = false
  /** Bytes of answers in this turn of the event loop. */
  #turnBytes = 0
  #ping: { readonly nonce: bigint; readonly at: number } | undefined
  #lastPing = 0
  #lastBytes = 0
  #lastHeard: number
  /** It must be heard until then. */
  #deadline = Number.POSITIVE_INFINITY
  #lastWhole = 0
  #wholeAt: number
  /** When it last had room for what it did not ask for. */
  #freeAt: number

  constructor(options: PeerOptions) {
    const { channel, hello, clock } = options
    this.memberId = channel.connection.remoteId
    this.direction = channel.connection.direction
    this.remote = channel.connection.remote
    this.endpoint = options.endpoint
    this.hello = hello
    this.version = options.version
    this.relay = options.version >= 2 ? 'low' : 'full'
    this.manual = options.manual
    this.dialNonce = options.dialNonce
    this.channel = channel
    this.#clock = clock
    this.#random64 = options.random64
    this.connectedAt = clock.now()
    this.#lastHeard = clock.now()
    this.#wholeAt = clock.now()
    this.#freeAt = clock.now()
    this.claim = { smell: hello.tip, height: hello.height, work: hello.work }
    this.limits = sharesOf(clock)
    channel.connection.events.on('drain', () => this.#drain())
  }

  get endpointText(): string {
    return formatHostPort(this.endpoint ?? this.remote)
  }

  /** Whether so much waits to be sent to it that it gets nothing but answers. */
  get congested(): boolean {
    return this.channel.connection.buffered > PEER_LIMITS.congestedBytes
  }

  /** Notes that it has a transfer. */
  showed(relayId: string): void {
    this.shown.set(relayId, this.shown.get(relayId) ?? this.#clock.now())
  }

  /** Sends now. What nobody asked for is dropped when the peer does not keep up. */
  send(message: Message): void {
    this.channel.send(message)
  }

  /**
   * Sends what `make` gives (undefined = nothing) as soon as the peer has taken what was sent before: an answer is made
   * only when there is room for it, and nothing more is read from the peer until then. One that takes its time keeps those
   * after it waiting; one that cannot be made is left out. False: it asks for too much.
   */
  answer(make: () => Message | undefined | Promise<Message>): boolean {
    if (this.#queue.length >= PEER_LIMITS.queue) return false
    this.#queue.push(make)
    if (!this.#draining) this.#drain()
    return true
  }

  /** Counts what an answer costs us as so many bytes of this peer's turn: some are small and much work. */
  charge(bytes: number): void {
    if (this.#turnBytes === 0 && bytes > 0)
      this.#clock.after(0, () => {
        this.#turnBytes = 0
        if (!this.#draining) this.#drain()
      })
    this.#turnBytes += bytes
  }

  /** Called about once a second: pings, and says goodbye to a peer that went silent. */
  tick(): void {
    const now = this.#clock.now()
    const { bytesIn } = this.channel.connection
    if (bytesIn !== this.#lastBytes) {
      this.#lastBytes = bytesIn
      this.#lastHeard = now
      this.#deadline = Number.POSITIVE_INFINITY
    }
    const { whole, isInside } = this.channel.progress
    if (whole !== this.#lastWhole || !isInside) {
      this.#lastWhole = whole
      this.#wholeAt = now
    }
    if (now - this.#lastHeard > PEER_LIMITS.silentMs || now - this.#wholeAt > PEER_LIMITS.wholeMs) {
      this.goodbye('timeout', now - this.#lastHeard > PEER_LIMITS.silentMs ? 'nothing heard for too long' : 'a message took too long')
      return
    }
    if (!this.congested) this.#freeAt = now
    if (now - this.#freeAt > PEER_LIMITS.congestedMs) {
      this.goodbye('timeout', 'nothing is read for too long')
      return
    }
    if (now > this.#deadline) {
      this.goodbye('timeout', 'gave no sign of life')
      return
    }
    if (now - this.#lastPing >= PEER_LIMITS.pingEveryMs) this.#askForSign(now)
  }

  /** It may be gone: after sleep, or in another network, connections look alive for minutes. It is asked for a sign of life, and has ten seconds for it. */
  doubt(): void {
    this.#lastBytes = this.channel.connection.bytesIn
    this.#lastHeard = this.#clock.now()
    this.#deadline = this.#lastHeard + PEER_LIMITS.doubtMs
    this.#askForSign(this.#lastHeard)
  }

  #askForSign(now: number): void {
    this.#lastPing = now
    this.#ping = { nonce: this.#random64(), at: now }
    this.send({ type: 'ping', nonce: this.#ping.nonce })
  }

  /** Takes the answer to a ping; an answer to none is ignored, as late ones are. True when the latency is new. */
  pong(nonce: bigint): boolean {
    if (this.#ping?.nonce !== nonce) return false
    this.latencyMs = this.#clock.now() - this.#ping.at
    this.bestLatencyMs = Math.min(this.latencyMs, this.bestLatencyMs ?? Number.POSITIVE_INFINITY)
    this.#ping = undefined
    return true
  }

  goodbye(code: GoodbyeCode, reason: string): void {
    this.#queue.length = 0
    this.channel.goodbye(code, reason)
  }

  #drain(): void {
    if (this.#making) return
    const wasFull = this.#draining
    this.#draining = false
    while (this.#queue.length > 0 && !this.channel.ended) {
      // It goes on when the next turn begins.
      if (this.#turnBytes > PEER_LIMITS.turnBytes) break
      const made = this.#queue.shift()?.()
      if (made instanceof Promise) {
        this.#await(made)
        break
      }
      if (!made || this.#sendAnswer(made)) continue
      if (this.channel.ended) return
      this.#draining = true
      if (!wasFull) this.channel.connection.pause()
      return
    }
    if (wasFull) this.channel.connection.resume()
  }

  #sendAnswer(message: Message): boolean {
    const before = this.channel.connection.bytesOut
    const hasRoom = this.channel.send(message)
    this.charge(this.channel.connection.bytesOut - before)
    return hasRoom
  }

  #await(made: Promise<Message>): void {
    this.#making = true
    const done = (message?: Message) => {
      this.#making = false
      if (message) this.#queue.unshift(() => message)
      this.#drain()
    }
    made.then(done, () => done())
  }
}

function sharesOf(clock: Clock): Record<ShareName, TokenBucket> {
  const bucket = (name: ShareName) => new TokenBucket(clock, SHARES[name].burst, SHARES[name].perSecond)
  return Object.fromEntries((Object.keys(SHARES) as ShareName[]).map((name) => [name, bucket(name)])) as Record<ShareName, TokenBucket>
}

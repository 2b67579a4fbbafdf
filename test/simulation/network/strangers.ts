import type { Card } from '../../../src/net/card.ts'
import { makeCard } from '../../../src/net/card.ts'
import { Channel } from '../../../src/net/channel.ts'
import type { Identity } from '../../../src/net/identity.ts'
import type { Hello, Message } from '../../../src/net/messages.ts'
import { helloOf } from '../../../src/net/testing/puppet.ts'
import type { Connection, HostPort } from '../../../src/net/transport.ts'
import { TrackerClient } from '../../../src/tracker/client.ts'
import { bytesToBigInt } from '../../../src/util/bytes.ts'
import { type Endpoint, parseIp } from '../../../src/util/ip.ts'
import { silent } from '../../../src/util/ports.ts'
import { identityOf } from './identity.ts'
import { PORT, TRACKER_URL } from './member.ts'
import type { World } from './world.ts'

/** One end of a connection that a stranger holds. */
export class Line {
  readonly channel: Channel
  readonly openedAt: number
  /** When it ended, and why; undefined while it stands. */
  ended: { readonly at: number; readonly why: string } | undefined
  greeted = false
  onMessage: (message: Message) => void = () => undefined
  onEnd: () => void = () => undefined

  constructor(world: World, connection: Connection, hello: Partial<Hello>) {
    this.openedAt = world.clock.exact
    const ours = helloOf(world, { nonce: bytesToBigInt(world.dice.bytes(8)), instance: bytesToBigInt(world.dice.bytes(8)), ...hello })
    this.channel = new Channel(connection, {
      message: (message) => {
        if (message.type === 'hello') {
          if (connection.direction === 'in') this.send(ours)
          this.channel.dialect = { spoken: Math.min(message.version, ours.version), theirs: message.version }
          this.greeted = true
        }
        if (message.type === 'ping') this.send({ type: 'pong', nonce: message.nonce })
        this.onMessage(message)
      },
      unknown() {},
      malformed() {},
      closed: (why) => {
        this.ended = { at: world.clock.exact, why }
        this.onEnd()
      },
    })
    if (connection.direction === 'out') this.send(ours)
  }

  send(message: Message): void {
    if (!this.channel.ended) this.channel.send(message)
  }
}

/** Somebody who speaks the protocol and means no good: a key of its own, and as many addresses as it likes. */
export class Stranger {
  readonly identity: Identity
  readonly hosts: readonly string[]
  readonly lines = new Set<Line>()
  /** What is done with a connection that stands. */
  onLine: (line: Line) => void = () => undefined
  #tracker: TrackerClient | undefined
  readonly #world: World
  readonly #card: Card

  constructor(world: World, name: string, hosts: readonly string[]) {
    this.#world = world
    this.identity = identityOf(name)
    this.hosts = hosts
    const endpoints: Endpoint[] = hosts.slice(0, 8).map((host) => ({ ip: parseIp(host) as Uint8Array, port: PORT }))
    this.#card = makeCard(
      {
        blueSmell: world.params.blueSmell,
        certificate: undefined,
        nickname: name,
        endpoints,
        height: 0,
        software: 'cheese-stack simulated',
        time: Math.floor(world.clock.now() / 1000),
      },
      this.identity,
    )
  }

  get card(): Uint8Array {
    return this.#card.bytes
  }

  /** Takes connections at all its addresses. */
  async listen(): Promise<void> {
    for (const host of this.hosts) {
      const transport = this.#world.internet.transport(this.identity.memberId, host)
      await transport.listen({ host, port: PORT, admit: () => true, onConnection: (connection) => void this.#take(connection) })
    }
  }

  /** Dials a member from one of its addresses. */
  async dial(endpoint: HostPort, from: string, hello: Partial<Hello> = {}): Promise<Line | undefined> {
    const connected = await this.#world.internet.transport(this.identity.memberId, from).connect(endpoint, { timeoutMs: 10_000 })
    return connected.ok ? this.#take(connected.value, hello) : undefined
  }

  /** Announces itself as members do. */
  announce(): void {
    const { clock, params, dice, tracker, shared } = this.#world
    const [host] = this.hosts
    if (host === undefined) return
    this.#tracker = new TrackerClient({
      self: { identity: this.identity, card: () => this.#card, port: () => PORT, height: () => 0 },
      params,
      clock,
      random: dice.fork(this.identity.memberId),
      log: silent,
      post: tracker.post(host),
      verifier: shared.networkVerifier,
    })
    this.#tracker.join(TRACKER_URL)
  }

  async stop(): Promise<void> {
    await this.#tracker?.close(1_000)
    for (const line of this.lines) line.channel.goodbye('closing', '')
  }

  #take(connection: Connection, hello: Partial<Hello> = {}): Line {
    const line = new Line(this.#world, connection, { listenPort: PORT, card: this.card, ...hello })
    this.lines.add(line)
    line.onEnd = () => this.lines.delete(line)
    this.onLine(line)
    return line
  }
}

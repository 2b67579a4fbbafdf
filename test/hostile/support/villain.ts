/** Somebody who speaks the members' protocol by hand, over real TLS, and need not keep to it. */
import { once } from 'node:events'
import { type Socket, connect as tcpConnect } from 'node:net'
import { type TLSSocket, connect as tlsConnect } from 'node:tls'
import { params } from '../../../src/consensus/params.ts'
import { Channel } from '../../../src/net/channel.ts'
import { encodeFrame } from '../../../src/net/frame.ts'
import { createIdentity, type Identity } from '../../../src/net/identity.ts'
import { type Hello, type Message, PROTOCOL_VERSION } from '../../../src/net/messages.ts'
import type { Connection, HostPort } from '../../../src/net/transport.ts'
import { tlsTransport } from '../../../src/platform/tls-transport.ts'
import { until } from './until.ts'

/** A hello of somebody who stands at the blue cheese. */
export function helloOf(fields: Partial<Hello> = {}, network: 'regtest' | 'test' = 'regtest'): Hello {
  const { blueSmell, blueSmellHex } = params(network)
  return {
    type: 'hello',
    version: PROTOCOL_VERSION,
    lowestVersion: 1,
    network,
    blueSmell,
    instance: BigInt(Math.floor(Math.random() * 2 ** 48)),
    nonce: BigInt(Math.floor(Math.random() * 2 ** 48)),
    features: 0,
    listenPort: 0,
    height: 0,
    work: 0n,
    tip: blueSmellHex,
    agent: 'villain',
    card: new Uint8Array(),
    ...fields,
  }
}

export class Villain {
  readonly identity: Identity
  readonly connection: Connection
  readonly channel: Channel
  readonly received: Message[] = []
  /** Why the connection ended, once it has. */
  closed: string | undefined
  #pings = 1_000_000
  /** What it does with a message, besides noting it. Told of those that have come already when it is set. */
  #react: (message: Message) => void = () => undefined

  private constructor(identity: Identity, connection: Connection) {
    this.identity = identity
    this.connection = connection
    this.channel = new Channel(connection, {
      message: (message) => {
        // Pongs and the like are counted, bodies of half a megabyte are not kept.
        this.received.push(message.type === 'body' ? { ...message, body: new Uint8Array() } : message)
        this.#react(message)
      },
      unknown() {},
      malformed() {},
      closed: (reason) => {
        this.closed = reason
      },
    })
  }

  /** Dials, without a word. Undefined: it was not let in. */
  static async dial(endpoint: HostPort, identity?: Identity): Promise<Villain | undefined> {
    const who = identity ?? (await createIdentity())
    const connected = await tlsTransport(who).connect(endpoint, { timeoutMs: 10_000 })
    return connected.ok ? new Villain(who, connected.value) : undefined
  }

  /** Dials and says hello; resolves when that was answered. Throws when nobody takes the connection. */
  static async meet(endpoint: HostPort, hello: Hello = helloOf(), identity?: Identity): Promise<Villain> {
    const villain = await Villain.dial(endpoint, identity)
    if (!villain) throw new Error('nobody took the connection')
    villain.send(hello)
    await until('hello is answered', () => villain.received.length > 0 || villain.closed !== undefined)
    return villain
  }

  get memberId(): string {
    return this.identity.memberId
  }

  send(message: Message): boolean {
    return this.channel.send(message)
  }

  /** A message that the codec would not make. */
  raw(type: number, payload: Uint8Array): boolean {
    return this.connection.send(encodeFrame(type, payload))
  }

  /** Bytes that need not be frames. */
  bytes(bytes: Uint8Array): boolean {
    return this.connection.send(bytes)
  }

  /** Waits while what was sent has not left. */
  async flushed(): Promise<void> {
    await until('it is sent', () => this.connection.buffered === 0 || this.closed !== undefined)
  }

  of<T extends Message['type']>(type: T): Extract<Message, { type: T }>[] {
    return this.received.filter((message): message is Extract<Message, { type: T }> => message.type === type)
  }

  set react(react: (message: Message) => void) {
    this.#react = react
    for (const message of [...this.received]) react(message)
  }

  /** Resolves when the far end has read what was sent so far, or has hung up: answers come in order. */
  async heard(): Promise<void> {
    const nonce = BigInt(++this.#pings)
    this.send({ type: 'ping', nonce })
    await until('what was sent is read', () => this.gone || this.of('pong').some((pong) => pong.nonce === nonce))
  }

  get goodbye(): string | undefined {
    return this.of('goodbye')[0]?.code
  }

  get gone(): boolean {
    return this.closed !== undefined
  }

  leave(): void {
    this.connection.close('that was all')
  }
}

/** A bare TCP connection; what the far end sends is thrown away. */
export async function rawSocket({ host, port }: HostPort): Promise<Socket> {
  const socket = tcpConnect({ host, port })
  socket.on('error', () => undefined)
  socket.resume()
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  return socket
}

/** A TLS connection as a member opens it, with no protocol on top; without an identity it shows no certificate. */
export async function tlsSocket({ host, port }: HostPort, show?: { readonly keyPem: string; readonly certificatePem: string }): Promise<TLSSocket> {
  const socket = tlsConnect({ host, port, rejectUnauthorized: false, ...(show ? { key: show.keyPem, cert: show.certificatePem } : {}) })
  socket.on('error', () => undefined)
  socket.resume()
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')])
  return socket
}

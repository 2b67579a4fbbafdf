/** Somebody who speaks the protocol by hand: for peers that misbehave. */
import { Channel } from '../channel.ts'
import { encodeFrame } from '../frame.ts'
import { type Hello, type Message, PROTOCOL_VERSION } from '../messages.ts'
import type { Connection, HostPort, Transport } from '../transport.ts'
import type { World } from './world.ts'

export class Puppet {
  readonly connection: Connection
  readonly channel: Channel
  readonly received: Message[] = []
  closed: string | undefined
  /** What it does with a message, besides noting it. */
  react: (message: Message) => void = () => undefined

  constructor(connection: Connection) {
    this.connection = connection
    this.channel = new Channel(connection, {
      message: (message) => {
        this.received.push(message)
        this.react(message)
      },
      unknown() {},
      malformed() {},
      closed: (reason) => {
        this.closed = reason
      },
    })
  }

  /** Dials a member and says hello, with what the test wants said. */
  static async dial(world: World, transport: Transport, endpoint: HostPort, hello: Partial<Hello> = {}): Promise<Puppet> {
    const connected = await world.run(transport.connect(endpoint, { timeoutMs: 1000 }))
    if (!connected.ok) throw new Error(connected.error.message)
    const puppet = new Puppet(connected.value)
    puppet.send(helloOf(world, hello))
    await world.clock.until(() => puppet.received.length > 0 || puppet.closed !== undefined, 'an answer to hello')
    return puppet
  }

  /** Takes connections and greets whoever dials; `onPuppet` may set `react`. */
  static async listen(world: World, transport: Transport, endpoint: HostPort, hello: Partial<Hello>, onPuppet: (puppet: Puppet) => void): Promise<void> {
    const listening = await transport.listen({
      ...endpoint,
      admit: () => true,
      onConnection: (connection) => {
        const puppet = new Puppet(connection)
        onPuppet(puppet)
        puppet.send(helloOf(world, hello))
      },
    })
    if (!listening.ok) throw new Error(listening.error.message)
  }

  send(message: Message): void {
    this.channel.send(message)
  }

  /** A message that the codec would not make. */
  raw(type: number, payload: Uint8Array): void {
    this.connection.send(encodeFrame(type, payload))
  }

  of<T extends Message['type']>(type: T): Extract<Message, { type: T }>[] {
    return this.received.filter((message): message is Extract<Message, { type: T }> => message.type === type)
  }

  get goodbye(): string | undefined {
    return this.of('goodbye')[0]?.code
  }
}

export function helloOf(world: Pick<World, 'params'>, hello: Partial<Hello>): Hello {
  return {
    type: 'hello',
    version: PROTOCOL_VERSION,
    lowestVersion: 1,
    network: world.params.network,
    blueSmell: world.params.blueSmell,
    instance: 1n,
    nonce: 1n,
    features: 0,
    listenPort: 0,
    height: 0,
    work: 0n,
    tip: world.params.blueSmellHex,
    agent: 'puppet',
    card: new Uint8Array(),
    ...hello,
  }
}

/** Whether a message asks for the body of a cheese, whole or as short ids. */
export function asksForBody(message: Message): boolean {
  return message.type === 'getBodies' || message.type === 'getCompact'
}

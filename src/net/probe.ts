import { bytesToBigInt } from '../util/bytes.ts'
import type { Clock, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { type HandshakeError, shakeHands } from './handshake.ts'
import { FEATURE, type Hello, LOWEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from './messages.ts'
import type { HostPort, Transport, TransportError } from './transport.ts'

export interface ProbeOptions {
  readonly transport: Transport
  readonly endpoint: HostPort
  /** Of the network that the member is said to belong to: a member of another one refuses. */
  readonly blueSmell: Uint8Array
  /** For everything together. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly signal?: AbortSignal
}

/** Who answered at an address. */
export interface Probed {
  /** Hex of the SHA-256 of the key it proved to hold. */
  readonly memberId: string
  /** The card that it showed, unchecked; empty when it has none. */
  readonly card: Uint8Array
  readonly hello: Hello
}

/** Looks who answers at an address, without a stack and without becoming its peer, and leaves again. */
export async function probe(options: ProbeOptions): Promise<Result<Probed, TransportError | HandshakeError>> {
  const { transport, endpoint, clock, random, timeoutMs } = options
  const startedAt = clock.now()
  const connected = await transport.connect(endpoint, { timeoutMs, ...(options.signal ? { signal: options.signal } : {}) })
  if (!connected.ok) return connected
  const connection = connected.value
  const hello: Hello = {
    type: 'hello',
    version: PROTOCOL_VERSION,
    lowestVersion: LOWEST_PROTOCOL_VERSION,
    network: '',
    blueSmell: options.blueSmell,
    instance: bytesToBigInt(random.bytes(8)),
    nonce: bytesToBigInt(random.bytes(8)),
    features: FEATURE.probe,
    listenPort: 0,
    height: 0,
    work: 0n,
    tip: '00'.repeat(32),
    agent: 'probe',
    card: new Uint8Array(),
  }
  const left = Math.max(1, timeoutMs - (clock.now() - startedAt))
  return new Promise((resolve) => {
    shakeHands(connection, { memberId: transport.memberId, hello, clock, timeoutMs: left }, (result) => {
      if (!result.ok) return resolve(err(result.error))
      result.value.channel.goodbye('probe', 'that was all')
      resolve(ok({ memberId: connection.remoteId, card: result.value.hello.card, hello: result.value.hello }))
    })
  })
}

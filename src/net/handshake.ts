import { equalBytes } from '../util/bytes.ts'
import type { Clock } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { Channel } from './channel.ts'
import { FEATURE, type GoodbyeCode, type Hello, LOWEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from './messages.ts'
import { type Connection, formatHostPort } from './transport.ts'

/**
 * `other-network`, `version`, `self`, `timeout`, `malformed`: what we found. `refused`: the other side said goodbye
 * (`goodbye` says why). `closed`: it hung up without a word.
 */
export type HandshakeErrorCode = 'other-network' | 'version' | 'self' | 'timeout' | 'malformed' | 'refused' | 'closed'

export interface HandshakeError {
  readonly kind: 'handshake'
  readonly code: HandshakeErrorCode
  /** What happened and what to do, for people. */
  readonly message: string
  readonly goodbye?: GoodbyeCode
}

export interface HandshakeTerms {
  /** Our own id. */
  readonly memberId: string
  /** What we say. Its blue smell is the one that the other side must have too. */
  readonly hello: Hello
  readonly clock: Clock
  readonly timeoutMs: number
  /** Of a connection that came in: why this member is refused, if it is. Asked before we say hello ourselves. */
  readonly refuse?: (hello: Hello) => { readonly code: GoodbyeCode; readonly reason: string } | undefined
}

export interface Handshake {
  readonly channel: Channel
  readonly hello: Hello
  /** The protocol version that both sides speak. */
  readonly version: number
}

/**
 * Whoever dialled says hello first; the other side answers with its own, or with a goodbye. `done` is called once, at the very moment at which the hello was read, so
 * that it can put its own handlers on the channel before the next message. After an error the connection is being closed.
 */
export function shakeHands(connection: Connection, terms: HandshakeTerms, done: (result: Result<Handshake, HandshakeError>) => void): void {
  const name = formatHostPort(connection.remote)
  const inbound = connection.direction === 'in'
  let settled = false
  const settle = (result: Result<Handshake, HandshakeError>) => {
    if (settled) return
    settled = true
    cancelTimer()
    channel.handlers = { message() {}, unknown() {}, malformed() {}, closed() {} }
    done(result)
  }
  const fail = (code: HandshakeErrorCode, message: string, goodbye: GoodbyeCode, said: string) => {
    channel.goodbye(goodbye, said)
    settle(err({ kind: 'handshake', code, message }))
  }
  // A tracker that a member hosts may well probe that member.
  const isSelf = connection.remoteId === terms.memberId
  const self = () => fail('self', `${name} is this member itself.`, 'self', 'you dialled yourself')
  const cancelTimer = terms.clock.after(terms.timeoutMs, () =>
    fail('timeout', `${name} did not say hello in time: try again later.`, 'timeout', 'no hello in time'),
  )
  const channel = new Channel(connection, {
    message(message) {
      if (message.type === 'goodbye') {
        channel.connection.close('the other side said goodbye')
        return settle(err({ kind: 'handshake', code: 'refused', message: refusal(name, message.code, message.reason), goodbye: message.code }))
      }
      if (message.type !== 'hello') return fail('malformed', `${name} does not speak as members do.`, 'misbehaved', 'the first message must be hello')
      if (inbound && isSelf && (message.features & FEATURE.probe) === 0) return self()
      const problem = refuses(message, terms.hello)
      if (problem === 'other-network') {
        const theirs = message.network === '' || message.network === terms.hello.network ? 'another network of that name' : `the network ${message.network}`
        return fail(
          'other-network',
          `${name} belongs to ${theirs}, and this member to ${terms.hello.network}: dial a member of ${terms.hello.network}.`,
          'other-network',
          `this is ${terms.hello.network}`,
        )
      }
      if (problem === 'version')
        return fail(
          'version',
          `${name} speaks protocol version ${message.version}, which this program does not: update the older of the two.`,
          'version',
          `versions ${LOWEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION} are spoken here`,
        )
      const refused = inbound ? terms.refuse?.(message) : undefined
      if (refused) return fail('refused', `${name} was refused: ${refused.reason}.`, refused.code, refused.reason)
      const version = Math.min(message.version, terms.hello.version)
      channel.dialect = { spoken: version, theirs: message.version }
      if (inbound) channel.send(terms.hello)
      settle(ok({ channel, hello: message, version }))
    },
    unknown: () => fail('malformed', `${name} does not speak as members do.`, 'misbehaved', 'the first message must be hello'),
    malformed: (reason) => settle(err({ kind: 'handshake', code: 'malformed', message: `${name} does not speak as members do: ${reason}.` })),
    closed: () => settle(err({ kind: 'handshake', code: 'closed', message: `${name} hung up without saying why: it may be busy, try again later.` })),
  })
  if (!inbound && isSelf && (terms.hello.features & FEATURE.probe) === 0) {
    self()
    return
  }
  if (!inbound) channel.send(terms.hello)
}

function refuses(theirs: Hello, ours: Hello): 'other-network' | 'version' | undefined {
  if (!equalBytes(theirs.blueSmell, ours.blueSmell)) return 'other-network'
  const common = Math.min(theirs.version, ours.version)
  return common < theirs.lowestVersion || common < ours.lowestVersion ? 'version' : undefined
}

/** What a goodbye instead of a hello means to the person who dialled. `reason` is a stranger's text: quoted, never more. */
function refusal(name: string, code: GoodbyeCode, reason: string): string {
  switch (code) {
    case 'other-network':
      return `${name} belongs to another network (it says: ${JSON.stringify(reason)}): dial a member of your own network.`
    case 'self':
      return `${name} is this member itself.`
    case 'version':
      return `${name} does not speak this program's protocol version: update the older of the two.`
    case 'full':
      return `${name} has no room for another peer: try again later, or dial another member.`
    case 'banned':
      return `${name} refuses this member for what it sent earlier: try again tomorrow, or dial another member.`
    case 'duplicate':
      return `${name} is connected to this member already.`
    default:
      return `${name} said goodbye (${JSON.stringify(reason)}): try again later.`
  }
}

import { encodeFrame, FrameDecoder } from './frame.ts'
import { type Dialect, decodeMessage, encodeMessage, type GoodbyeCode, type Message, OWN_DIALECT, payloadLimit, sinceVersion } from './messages.ts'
import type { Connection } from './transport.ts'

export interface ChannelHandlers {
  message(message: Message): void
  /** A message of a type that this version does not know, with so many bytes; it was skipped. */
  unknown(length: number): void
  /** The stream cannot be read on; the channel closes itself afterwards. */
  malformed(reason: string): void
  /** The connection ended. Nothing comes after it. */
  closed(reason: string): void
}

/** Messages over a connection. */
export class Channel {
  readonly connection: Connection
  /** Who is told. May be replaced at any moment, also from inside a handler. */
  handlers: ChannelHandlers
  /** Set by the handshake, before anything but `hello` and `goodbye` is sent or read. */
  dialect: Dialect = OWN_DIALECT
  readonly #decoder = new FrameDecoder((type) => payloadLimit(type, this.dialect))
  #ended = false
  #goodbye: { readonly code: GoodbyeCode; readonly reason: string } | undefined

  constructor(connection: Connection, handlers: ChannelHandlers) {
    this.connection = connection
    this.handlers = handlers
    connection.events.on('data', (bytes) => this.#onData(bytes))
    connection.events.on('close', (reason) => {
      this.#ended = true
      this.handlers.closed(this.#goodbye ? `${this.#goodbye.code}${this.#goodbye.reason ? `: ${this.#goodbye.reason}` : ''}` : reason)
    })
    connection.resume()
  }

  /** Whether nothing more will be sent or received. */
  get ended(): boolean {
    return this.#ended
  }

  /** How many messages came whole, and whether one is on its way. */
  get progress(): { readonly whole: number; readonly isInside: boolean } {
    return this.#decoder
  }

  /** The goodbye that the other side said, if it did. */
  get goodbyeReceived(): { readonly code: GoodbyeCode; readonly reason: string } | undefined {
    return this.#goodbye
  }

  /** Sends a message. False: enough waits to be sent, go on after the connection's `drain`. Throws on one that the far end cannot know: a bug. */
  send(message: Message): boolean {
    if (this.#ended) return false
    if (sinceVersion(message.type) > this.dialect.spoken) throw new Error(`bug: a ${message.type} to somebody who speaks version ${this.dialect.spoken}`)
    const { type, payload } = encodeMessage(message)
    return this.connection.send(encodeFrame(type, payload))
  }

  /** Says why, and hangs up. */
  goodbye(code: GoodbyeCode, reason: string): void {
    if (this.#ended) return
    this.send({ type: 'goodbye', code, reason })
    this.#ended = true
    this.connection.close(`${code}: ${reason}`)
  }

  #onData(bytes: Uint8Array): void {
    if (this.#ended) return
    const broken = this.#decoder.push(bytes, (type, payload, length) => this.#onFrame(type, payload, length))
    if (broken) this.#malformed(broken)
  }

  #onFrame(type: number, payload: Uint8Array | undefined, length: number): void {
    if (this.#ended) return
    if (!payload) {
      this.handlers.unknown(length)
      return
    }
    const decoded = decodeMessage(type, payload, this.dialect)
    if (!decoded.ok) {
      this.#malformed(decoded.error)
      return
    }
    if (!decoded.value) {
      this.handlers.unknown(length)
      return
    }
    if (decoded.value.type === 'goodbye') this.#goodbye = decoded.value
    this.handlers.message(decoded.value)
  }

  #malformed(reason: string): void {
    if (this.#ended) return
    this.handlers.malformed(reason)
    this.goodbye('misbehaved', reason)
  }
}

import type { Card } from '../net/card.ts'
import type { Identity } from '../net/identity.ts'
import { fromHex } from '../util/bytes.ts'
import type { IpBytes } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { Post } from './post.ts'
import {
  type Announce,
  AnnounceAnswer,
  type AnnounceEvent,
  ErrorAnswer,
  fromBase64,
  makeAnnounce,
  makeSessionAnnounce,
  type SessionAnnounce,
  toBase64,
} from './protocol.ts'
import { sessionKey } from './session.ts'

export interface TrackerState {
  readonly url: string
  readonly state: 'trying' | 'joined' | 'failing'
  /** When it last answered as a tracker does, Unix seconds. */
  readonly lastAnswer: number | null
  /** What went wrong last and what to do, or null. */
  readonly error: string | null
  /** Since when it fails, Unix seconds; null while it does not. */
  readonly failingSince: number | null
  /** Whether this tracker could dial us; null while not known. */
  readonly reachable: boolean | null
  /** Where this tracker sees us, `HOST:PORT`; null while not known. Its word alone. */
  readonly observed: string | null
}

/** What an announce tells of this member, asked for anew each time. */
export interface Self {
  readonly identity: Identity
  /** The card of now; undefined while there is none, then nothing is announced. */
  readonly card: () => Card | undefined
  /** Where we take connections; 0 = nowhere. */
  readonly port: () => number
  readonly height: () => number
}

export interface LinkOptions {
  readonly url: string
  readonly self: Self
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly post: Post
  readonly onState: () => void
  readonly onAnswer: (answer: AnnounceAnswer, tracker: IpBytes | undefined) => Promise<void>
}

const TIMEOUT_MS = 10_000
/** Announces that were asked for are not closer together than this. */
const SPACING_MS = 1_500
const FIRST_RETRY_MS = 2_000
const LAST_RETRY_MS = 60_000
/** Whatever a tracker asks for. */
const SHORTEST_INTERVAL_MS = 5_000
const LONGEST_INTERVAL_MS = 10 * 60_000

/** One tracker that was joined: announces to it for as long as it is open. */
export class TrackerLink {
  readonly #options: LinkOptions
  readonly #host: string
  readonly #abort = new AbortController()
  #state: TrackerState
  #callOff: (() => void) | undefined
  #busy: Promise<void> | undefined
  #again = false
  #failures = 0
  #lastSent = Number.NEGATIVE_INFINITY
  /** Times must grow, also over several announces in a second. */
  #lastTime = 0
  #known = false
  /** Where the tracker offered one: its name, its key, and the hash of the card that the tracker has. */
  #session: { readonly id: string; readonly key: Uint8Array; readonly cardHash: string } | undefined
  #closed = false

  constructor(options: LinkOptions) {
    this.#options = options
    this.#host = new URL(options.url).host
    this.#state = { url: options.url, state: 'trying', lastAnswer: null, error: null, failingSince: null, reachable: null, observed: null }
    this.#schedule(0)
  }

  get state(): TrackerState {
    return this.#state
  }

  /** Announces soon: something changed that others should know, or the person asked. */
  announceNow(): void {
    if (this.#closed) return
    if (this.#busy) this.#again = true
    else this.#schedule(Math.max(0, this.#lastSent + SPACING_MS - this.#options.clock.now()))
  }

  /** Ends it; says goodbye to a tracker that knows us, for at most `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#callOff?.()
    this.#abort.abort()
    await this.#busy
    if (this.#known) await this.#send('stopped', timeoutMs)
  }

  #schedule(ms: number): void {
    this.#callOff?.()
    this.#callOff = this.#options.clock.after(ms, () => {
      if (this.#busy) {
        this.#again = true
        return
      }
      this.#busy = this.#announce().finally(() => {
        this.#busy = undefined
        if (this.#again) {
          this.#again = false
          this.announceNow()
        }
      })
    })
  }

  async #announce(): Promise<void> {
    const { clock, random, onAnswer } = this.#options
    this.#lastSent = clock.now()
    const answer = await this.#send(this.#known ? 'update' : 'started', TIMEOUT_MS, this.#abort.signal)
    if (this.#closed) return
    if (!answer.ok) {
      this.#failures++
      this.#known &&= answer.error.known
      const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 10))
      const failingSince = this.#state.failingSince ?? Math.floor(clock.now() / 1000)
      this.#set({ state: 'failing', error: answer.error.message, failingSince })
      this.#options.log.debug('a tracker did not take the announce', { url: this.#options.url, why: answer.error.message })
      this.#schedule(wait * (0.75 + 0.5 * random.fraction()))
      return
    }
    this.#failures = 0
    this.#known = true
    const { interval, reachable, observed } = answer.value.answer
    this.#set({ state: 'joined', error: null, failingSince: null, reachable, observed, lastAnswer: Math.floor(clock.now() / 1000) })
    this.#schedule(Math.min(LONGEST_INTERVAL_MS, Math.max(SHORTEST_INTERVAL_MS, interval * 1000)))
    await onAnswer(answer.value.answer, answer.value.remote)
  }

  #set(change: Partial<TrackerState>): void {
    this.#state = { ...this.#state, ...change }
    this.#options.onState()
  }

  async #send(
    event: AnnounceEvent,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Result<{ readonly answer: AnnounceAnswer; readonly remote: IpBytes | undefined }, LinkError>> {
    const { self, post, url } = this.#options
    const card = self.card()
    if (!card) return err({ message: 'This member has no card yet: it is announced as soon as there is one.', known: this.#known })
    const inSession = event !== 'started' && this.#session !== undefined
    const answer = await post(`${url}/v1/announce`, this.#body(event, card), signal ? { timeoutMs, signal } : { timeoutMs })
    if (!answer.ok) return err({ message: answer.error.message, known: this.#known })
    const { status, body, remote } = answer.value
    const json = parseJson(body)
    const good = status === 200 ? AnnounceAnswer.safeParse(json) : undefined
    if (good?.success) {
      this.#noteSession(good.data, card)
      return ok({ answer: good.data, remote })
    }
    const bad = ErrorAnswer.safeParse(json)
    if (inSession && bad.success && bad.data.error.code === 'no-session') {
      // It was started anew, or has forgotten us: what is signed needs no session.
      this.#session = undefined
      return this.#send(event, timeoutMs, signal)
    }
    return err(
      bad.success && status !== 200
        ? this.#explain(bad.data)
        : { message: `What answers at ${this.#host} is not a tracker: check the address and the port.`, known: false },
    )
  }

  /** The announce of now: in the session where there is one, else signed. */
  #body(event: AnnounceEvent, card: Card): Announce | SessionAnnounce {
    const { self, clock } = this.#options
    this.#lastTime = Math.max(Math.floor(clock.now() / 1000), this.#lastTime + 1)
    const fields = { host: this.#host, time: this.#lastTime, port: self.port(), height: self.height() }
    if (event === 'started' || !this.#session) return makeAnnounce({ ...fields, event, open: true }, card, self.identity)
    const { id, key, cardHash } = this.#session
    const shown = card.hash === cardHash ? {} : { card: toBase64(card.bytes) }
    return makeSessionAnnounce({ ...fields, event, session: id, ...shown }, fromHex(card.hash), key)
  }

  /** What the tracker offers for the announces to come, and which card it has now. */
  #noteSession({ session }: AnnounceAnswer, card: Card): void {
    if (!session) {
      if (this.#session) this.#session = { ...this.#session, cardHash: card.hash }
      return
    }
    const { identity } = this.#options.self
    const point = fromBase64(session.key)
    const shared = point && identity.agree(point)
    this.#session = shared && { id: session.id, key: sessionKey(shared, identity.spki, point), cardHash: card.hash }
  }

  /** A refusal in our own words; the tracker's own only where we have none. */
  #explain({ error, now }: ErrorAnswer): LinkError {
    const known = this.#known && error.code !== 'replayed'
    const say = (message: string): LinkError => ({ message, known })
    switch (error.code) {
      case 'wrong-time':
        return say(
          `This computer’s clock is ${clockError(now, this.#options.clock.now() / 1000)}the tracker’s: set it right, or trackers and members will refuse this one.`,
        )
      case 'wrong-host':
        return say(`The tracker at ${this.#host} goes by another name: ask its host for the address to use.`)
      case 'too-many':
        return say(`The tracker at ${this.#host} hears too much from this address: it is tried again by itself, less often.`)
      case 'not-admitted':
        return say(`The tracker at ${this.#host} does not serve your address: ask its host, or join another one.`)
      case 'full':
        return say(`The tracker at ${this.#host} is full: join another one; it is tried again by itself.`)
      default:
        return say(`The tracker at ${this.#host} refused this member: “${plain(error.message)}” It is tried again by itself.`)
    }
  }
}

interface LinkError {
  readonly message: string
  /** Whether the tracker may still list us. */
  readonly known: boolean
}

function clockError(theirs: number | undefined, ours: number): string {
  if (theirs === undefined) return 'not that of '
  const off = Math.round(ours - theirs)
  const amount = Math.abs(off) >= 120 ? `${Math.round(Math.abs(off) / 60)} minutes` : `${Math.abs(off)} seconds`
  return `${amount} ${off > 0 ? 'ahead of' : 'behind'} `
}

/** A stranger's sentence, short and without characters that do things. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 160)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

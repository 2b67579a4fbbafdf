import { setImmediate } from 'node:timers/promises'
import { type Card, checkCard, isCardFresh, replacesCard } from '../net/card.ts'
import type { NetworkVerifier } from '../net/identity.ts'
import { BoundedMap } from '../util/bounded.ts'
import { TokenBucket } from '../util/bucket.ts'
import { Emitter } from '../util/events.ts'
import { type Endpoint, type IpBytes, isGlobal, isLoopback, isPrivate, parseEndpoint } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { normalizeTrackerUrl } from './address.ts'
import { type Self, TrackerLink, type TrackerState } from './link.ts'
import { nodePoster, type Post, type Poster, type Via } from './post.ts'
import { type AnnounceAnswer, fromBase64, type ListedMember } from './protocol.ts'

export type { Self, TrackerState } from './link.ts'

/** A member that a tracker told of. Its card was checked; the rest is the tracker's word. */
export interface TrackedMember {
  readonly card: Card
  /** Where the tracker saw it, or undefined when it takes no connections. */
  readonly endpoint: Endpoint | undefined
  /** Whether `endpoint` may be dialled: port 1024 or above, and globally routable or, like the tracker itself, in a local network. */
  readonly dialable: boolean
  readonly reachable: boolean | null
  readonly height: number
  /** Unix seconds, our clock: when the tracker last heard of it. */
  readonly lastSeen: number
}

export interface TrackerClientOptions {
  readonly self: Self
  /** Members of other networks are dropped. */
  readonly params: { readonly blueSmell: Uint8Array }
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly post?: Post
  /** What opens connections that are not opened directly, where there is no `post`. */
  readonly via?: Via
  readonly verifier?: NetworkVerifier
  /** Members believed of one tracker; 500 when left out. */
  readonly maxPerTracker?: number
}

export interface TrackerClientEvents {
  /** The state of a tracker changed. */
  state: undefined
  /** Members came, went or changed. */
  members: undefined
  /** What one answer of one tracker told: at most as many members as an answer may hold. */
  heard: { readonly tracker: string; readonly members: readonly TrackedMember[] }
}

/** How long a member is believed to be online after a tracker told of it, seconds. */
const ONLINE_SECONDS = 150
/** Members believed of one tracker: whatever it invents, it takes no other tracker's room. */
const MAX_PER_TRACKER = 500
/** Cards not seen before that are looked at for one tracker: as many at once as are believed of it, and so many a second from then on. */
const NEW_CARDS_PER_SECOND = 1
/** Trackers joined at once. */
const MAX_TRACKERS = 16
/** Cards checked before others get a turn. */
const BATCH = 4

/** What one tracker told. */
interface Told {
  /** By member id, the latest told last. */
  members: Map<string, TrackedMember>
  /** Cards that were checked, by base64: a tracker sends the same ones again and again. */
  readonly checked: BoundedMap<string, Card>
  /** Checking a card costs a millisecond, and each new member pushes another one out somewhere: no tracker makes us do that without end. */
  readonly fresh: TokenBucket
}

/** Announces this member to trackers and gathers whom they tell of. */
export class TrackerClient {
  readonly events = new Emitter<TrackerClientEvents>()
  readonly #options: TrackerClientOptions
  readonly #links = new Map<string, TrackerLink>()
  /** By the tracker's address. */
  readonly #told = new Map<string, Told>()
  readonly #poster: Poster
  #closed = false

  constructor(options: TrackerClientOptions) {
    this.#options = options
    const { post } = options
    this.#poster = post ? { post, close: () => undefined } : nodePoster(options.via)
  }

  /** Joins a tracker; its address in the one form in which it goes by from now on, or a sentence that says what is wrong with it. */
  join(address: string): Result<string, string> {
    const url = normalizeTrackerUrl(address)
    if (!url.ok) return url
    if (this.#closed) return err('This member is closing.')
    if (this.#links.has(url.value)) return url
    if (this.#links.size >= MAX_TRACKERS) return err(`${MAX_TRACKERS} trackers are joined already, which is plenty: leave one first.`)
    const { self, clock, random, log } = this.#options
    this.#told.set(url.value, {
      members: new Map(),
      checked: new BoundedMap(2 * this.#maxPerTracker),
      fresh: new TokenBucket(clock, this.#maxPerTracker, NEW_CARDS_PER_SECOND),
    })
    this.#links.set(
      url.value,
      new TrackerLink({
        url: url.value,
        self,
        clock,
        random,
        log,
        post: this.#poster.post,
        onState: () => this.events.emit('state', undefined),
        onAnswer: (answer, tracker) => this.#take(url.value, answer, tracker),
      }),
    )
    this.events.emit('state', undefined)
    return ok(url.value)
  }

  /** Leaves a tracker (any form of its address): says goodbye and forgets whom it told of. */
  async leave(address: string, timeoutMs = 2_000): Promise<void> {
    const url = normalizeTrackerUrl(address)
    const link = url.ok ? this.#links.get(url.value) : undefined
    if (!url.ok || !link) return
    this.#links.delete(url.value)
    this.#told.delete(url.value)
    this.events.emit('state', undefined)
    this.events.emit('members', undefined)
    await link.close(timeoutMs)
  }

  /** The trackers joined, in the order of joining. */
  states(): TrackerState[] {
    return [...this.#links.values()].map((link) => link.state)
  }

  /** Announces to every tracker soon (a second or two apart at the closest): after the card, port or height changed. */
  announceNow(): void {
    for (const link of this.#links.values()) link.announceNow()
  }

  /** Members of our network that trackers told of lately, without ourselves: one entry each, of the newest card. */
  members(): TrackedMember[] {
    const now = this.#now()
    const best = new Map<string, TrackedMember>()
    for (const told of this.#told.values()) {
      for (const member of told.members.values()) {
        if (now - member.lastSeen > ONLINE_SECONDS || !isCardFresh(member.card, now)) continue
        const other = best.get(member.card.memberId)
        best.set(member.card.memberId, other ? merge(other, member) : member)
      }
    }
    return [...best.values()]
  }

  /** Says goodbye to all trackers, for at most `timeoutMs`, and ends. */
  async close(timeoutMs = 2_000): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#links.values()].map((link) => link.close(timeoutMs)))
    this.#poster.close()
  }

  get #maxPerTracker(): number {
    return this.#options.maxPerTracker ?? MAX_PER_TRACKER
  }

  #now(): number {
    return Math.floor(this.#options.clock.now() / 1000)
  }

  async #take(url: string, answer: AnnounceAnswer, tracker: IpBytes | undefined): Promise<void> {
    const told = this.#told.get(url)
    if (!told) return
    const heard = new Map<string, TrackedMember>()
    let work = 0
    for (const listed of answer.members) {
      if (!told.checked.has(listed.card) && ++work % BATCH === 0) await setImmediate()
      const member = this.#read(listed, told, tracker, answer.now)
      if (member) heard.set(member.card.memberId, member)
    }
    if (this.#told.get(url) !== told) return
    // A tracker that names everybody it knows also tells who has gone.
    const complete = answer.members.length >= answer.others
    const next = new Map(complete ? [] : [...told.members].filter(([, m]) => this.#now() - m.lastSeen <= ONLINE_SECONDS))
    for (const [id, member] of heard) {
      const old = told.members.get(id)
      next.delete(id)
      next.set(id, old && replacesCard(old.card, member.card) ? { ...member, card: old.card } : member)
    }
    // The longest not heard of come first.
    for (const id of [...next.keys()].slice(0, Math.max(0, next.size - this.#maxPerTracker))) next.delete(id)
    told.members = next
    this.events.emit('heard', { tracker: url, members: [...heard.values()] })
    this.events.emit('members', undefined)
  }

  #read(listed: ListedMember, told: Told, tracker: IpBytes | undefined, theirNow: number): TrackedMember | undefined {
    const card = this.#card(listed.card, told)
    if (!card || card.memberId === this.#options.self.identity.memberId) return undefined
    const seen = parseEndpoint(listed.endpoint)
    // Seen on the tracker's own machine: for us that machine has the address at which we reached it.
    const endpoint = seen && listed.atTracker && isLoopback(seen.ip) && tracker ? { ip: tracker, port: seen.port } : seen
    return {
      card,
      endpoint,
      dialable: isDialable(endpoint, tracker),
      reachable: listed.reachable,
      height: listed.height,
      lastSeen: this.#now() - Math.max(0, theirNow - listed.lastSeen),
    }
  }

  #card(text: string, { checked, fresh }: Told): Card | undefined {
    const known = checked.get(text)
    if (known) return isCardFresh(known, this.#now()) ? known : undefined
    if (!fresh.take()) return undefined
    const { params, verifier } = this.#options
    const bytes = fromBase64(text)
    const read = bytes && checkCard(bytes, { now: this.#now(), params, ...(verifier ? { verifier } : {}) })
    if (!read?.ok) {
      this.#options.log.debug('a tracker told of a member whose card is not good', { why: read?.error.code ?? 'not base64' })
      return undefined
    }
    checked.set(text, read.value)
    return read.value
  }
}

/** The newest card; reachable and seen as the luckiest and latest tracker says. */
function merge(a: TrackedMember, b: TrackedMember): TrackedMember {
  const [newer, older] = b.card.time > a.card.time || (b.card.time === a.card.time && b.lastSeen >= a.lastSeen) ? [b, a] : [a, b]
  const place = newer.dialable || !older.dialable ? newer : older
  return {
    ...newer,
    endpoint: place.endpoint,
    dialable: place.dialable,
    reachable: newer.reachable === true || older.reachable === true ? true : (newer.reachable ?? older.reachable),
    lastSeen: Math.max(a.lastSeen, b.lastSeen),
  }
}

/** A tracker somewhere on the internet must not make us knock at doors inside our own network; one in our network may name others in it. */
function isDialable(endpoint: Endpoint | undefined, tracker: IpBytes | undefined): boolean {
  if (!endpoint || endpoint.port < 1024) return false
  if (isGlobal(endpoint.ip)) return true
  if (!tracker || isGlobal(tracker)) return false
  return isPrivate(endpoint.ip) || (isLoopback(endpoint.ip) && isLoopback(tracker))
}

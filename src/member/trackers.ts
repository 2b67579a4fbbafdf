import { Failure } from '../api/errors.ts'
import type { HostedTracker, JoinedTracker } from '../api/schemas-tracker.ts'
import type { MemberService } from '../api/service.ts'
import type { Identity } from '../net/identity.ts'
import { TrackerClient } from '../tracker/client.ts'
import type { Self } from '../tracker/link.ts'
import type { Via } from '../tracker/post.ts'
import { SerialQueue } from '../util/queue.ts'
import { type HostedTrackerDeps, OwnTracker } from './hosted-tracker.ts'
import type { MemberSettings } from './settings.ts'

/** Goodbyes to trackers at quit take no longer. */
const GOODBYE_MS = 2_000
/** Trackers that do not answer for so long are a problem when there is no other: shorter outages mend themselves. */
const OUTAGE_SECONDS = 20

export interface TrackersDeps extends Omit<HostedTrackerDeps, 'memberId'> {
  readonly self: Self
  readonly identity: Identity
  readonly settings: MemberSettings
  /** What opens connections to trackers that are not dialled directly. */
  readonly via: Via
}

/** The tracker that this member hosts, and those that it has joined. */
export class Trackers {
  readonly client: TrackerClient
  readonly #deps: TrackersDeps
  readonly #queue = new SerialQueue()
  #own: OwnTracker | undefined

  constructor(deps: TrackersDeps) {
    this.#deps = deps
    const { self, params, clock, random, log, verifier, via } = deps
    this.client = new TrackerClient({ via, self, params, clock, random, log: log.child('tracker'), verifier })
    this.client.events.on('state', deps.changed)
  }

  /** Joins the trackers of the command line and those that were joined before; hosts again what was hosted. Problems are returned as sentences. */
  async start(urls: readonly string[]): Promise<string[]> {
    const { settings, log } = this.#deps
    const problems: string[] = []
    for (const url of [...urls, ...settings.values.trackers]) {
      const joined = this.client.join(url)
      if (!joined.ok && urls.includes(url)) throw new Failure('BAD_INPUT', joined.error)
    }
    const { hosting, hostAtStart } = settings.values
    if (hosting !== null && hostAtStart) {
      await this.#host(hosting).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        log.warn('the tracker could not be hosted again', { error: message })
        problems.push(`Your tracker is not running. ${message}`)
      })
    }
    return problems
  }

  get hosting(): string | null {
    return this.#own?.listen ?? null
  }

  joined(): JoinedTracker[] {
    const own = this.#own?.selfUrl
    return this.client.states().map(({ observed: _, ...state }) => ({ ...state, own: state.url === own }))
  }

  /** What is wrong when no tracker that was joined answers any more, as a sentence that says what to do; undefined while one does, or none was joined. */
  outage(): string | undefined {
    const others = this.joined().filter(({ own }) => !own)
    const since = others.map(({ failingSince }) => failingSince)
    if (others.length === 0 || since.includes(null)) return undefined
    const latest = Math.max(...since.map((at) => at ?? 0))
    if (this.#deps.clock.now() / 1000 - latest < OUTAGE_SECONDS) return undefined
    const which = others.length === 1 ? 'Your tracker does not answer' : `None of your ${others.length} trackers answers`
    return `${which}: members that you know are still reached, new ones are not found. It is tried again by itself; under Tracker you see why, and can join another one.`
  }

  /** Sees to the way to the tracker that is hosted here: the machine woke up, moved, or the person chose otherwise. */
  lookAgain(): void {
    this.#own?.again()
  }

  /** A member is connected: it may be asked whether it reaches the tracker that is hosted here. */
  someoneCame(): void {
    this.#own?.someoneCame()
  }

  readonly service: MemberService['tracker'] = {
    status: async () => ({ hosting: this.#own ? this.#view(this.#own) : null, joined: this.joined() }),
    host: async ({ listen, startWithApp = true }) => {
      const own = await this.#queue.run(async () => {
        if (this.#own) throw new Failure('BUSY', `A tracker is hosted already, at ${this.#own.listen}: stop it first.`)
        return this.#host(listen)
      })
      await this.#deps.settings.change({ hosting: listen, hostAtStart: startWithApp })
      return this.#view(own)
    },
    unhost: async () => {
      await this.#queue.run(() => this.#unhost())
      await this.#deps.settings.change({ hosting: null })
      return { stopped: true }
    },
    set: async ({ startWithApp }) => {
      const own = this.#hosted()
      if (startWithApp !== undefined) await this.#deps.settings.change({ hostAtStart: startWithApp })
      this.#deps.changed()
      return this.#view(own)
    },
    check: async () => {
      const own = this.#hosted()
      await own.check()
      return this.#view(own)
    },
    join: async ({ url }) => {
      const joined = this.client.join(url)
      if (!joined.ok) throw new Failure('BAD_INPUT', joined.error)
      const { settings } = this.#deps
      if (joined.value !== this.#own?.selfUrl && !settings.values.trackers.includes(joined.value))
        await settings.change({ trackers: [...settings.values.trackers, joined.value] })
      const state = this.joined().find((tracker) => tracker.url === joined.value)
      if (!state) throw new Error('bug: a tracker that was joined has no state')
      return state
    },
    leave: async ({ url }) => {
      const { settings } = this.#deps
      const known = this.joined().find((tracker) => tracker.url === url)
      if (!known) throw new Failure('NOT_FOUND', `This member has not joined ${url}. See the list of trackers for those it has.`)
      if (known.own) throw new Failure('BAD_INPUT', 'This is the tracker that you host: stop hosting it instead.')
      await settings.change({ trackers: settings.values.trackers.filter((kept) => kept !== url) })
      await this.client.leave(url, GOODBYE_MS)
      return { left: true }
    },
  }

  /** Says goodbye to the trackers joined, and stops the one hosted (which is hosted again at the next start). */
  async close(): Promise<void> {
    await this.client.close(GOODBYE_MS)
    await this.#queue.run(() => this.#unhost())
  }

  async #host(listen: string): Promise<OwnTracker> {
    this.#own = await OwnTracker.open(listen, { ...this.#deps, memberId: this.#deps.identity.memberId })
    // The host is a member too: it is in its own list from the start.
    this.client.join(this.#own.selfUrl)
    this.#deps.changed()
    return this.#own
  }

  async #unhost(): Promise<void> {
    const own = this.#own
    if (!own) return
    this.#own = undefined
    await this.client.leave(own.selfUrl, GOODBYE_MS)
    await own.close()
    this.#deps.changed()
  }

  #hosted(): OwnTracker {
    if (this.#own) return this.#own
    throw new Failure('NOT_FOUND', 'No tracker is hosted here: host one first.')
  }

  #view(own: OwnTracker): HostedTracker {
    return own.view(this.#deps.settings.values.hostAtStart)
  }
}

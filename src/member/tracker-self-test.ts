import type { SelfTest } from '../api/schemas-tracker.ts'
import type { Clock, Logger } from '../util/ports.ts'

/** Asks connected members to try a TCP port of ours from where they are: Network.checkPort. */
export type CheckPort = (port: number) => Promise<'answers' | 'nobody' | 'not-tried'>

export interface SelfTestOptions {
  readonly port: number
  /** Whether it listens where only this computer gets to. */
  readonly local: boolean
  /** This computer's address in its own network, for a router's page; undefined when it has none. */
  readonly lanAddress: string | undefined
  /** Left out where nobody can be asked: then nothing is known. */
  readonly checkPort?: CheckPort | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly changed: () => void
}

/** What else is known of the way to the tracker. */
export interface SelfTestFacts {
  /** Whether members from outside of our network are registered, which no closed port allows. */
  readonly strangers: boolean
  /** Whether the router says that it lets others in. */
  readonly mapped: boolean
  /** Why the router does not, as a sentence; null where it was not asked, or does. */
  readonly obstacle: string | null
}

const FIRST_MS = 2_000
/** While nobody could be asked: the first pause, and the longest. */
const ASK_AGAIN_MS = 10_000
const LONGEST_MS = 10 * 60_000
/** After a verdict. A port that was closed is looked at sooner: the person may be at the router right now. */
const OPEN_AGAIN_MS = 30 * 60_000
const CLOSED_AGAIN_MS = 2 * 60_000

type Verdict = 'unknown' | 'reachable' | 'closed'

/** Finds out, again and again while the tracker is hosted, whether others can reach it. */
export class TrackerSelfTest {
  readonly #options: SelfTestOptions
  #verdict: Verdict = 'unknown'
  #checkedAt: number | null = null
  #running: Promise<void> | undefined
  #pause = ASK_AGAIN_MS
  #callOff: (() => void) | undefined
  #stopped = false

  constructor(options: SelfTestOptions) {
    this.#options = options
    if (options.checkPort && !options.local) this.#later(FIRST_MS)
  }

  /** What is known now. */
  view({ strangers, mapped, obstacle }: SelfTestFacts): SelfTest {
    const { local, port, lanAddress } = this.#options
    const checkedAt = this.#checkedAt
    if (local) {
      return {
        state: 'unknown',
        words: 'This tracker is for this computer alone: nobody else can reach it.',
        repair: 'To host it for friends, stop it and start it again without “For this computer alone”.',
        checkedAt,
      }
    }
    if (strangers) return { state: 'reachable', words: 'Members from outside your network are registered: friends can reach it.', repair: null, checkedAt }
    if (this.#running && this.#verdict === 'unknown')
      return { state: 'checking', words: 'Members that you are connected to try it from where they are.', repair: null, checkedAt }
    switch (this.#verdict) {
      case 'reachable':
        return { state: 'reachable', words: 'Another member reached it from where it is: friends can join.', repair: null, checkedAt }
      case 'closed':
        return {
          state: 'closed',
          words: `No member could reach it from outside: something does not let TCP port ${port} through.`,
          repair: `${obstacle === null ? '' : `${obstacle} `}On your router’s page, forward TCP port ${port} to this computer${lanAddress === undefined ? '' : ` (${lanAddress})`}, or switch on UPnP or NAT-PMP there; let it through this computer’s firewall, too. Then check again. Friends in your own network can join meanwhile.`,
          checkedAt,
        }
      case 'unknown':
        return {
          state: 'unknown',
          words: mapped
            ? 'Your router lets others in, but nobody has tried yet whether that works: no member that could is connected.'
            : 'Nobody has tried yet whether friends outside your network can reach it: no member that could is connected.',
          repair: 'It is tried by itself as soon as a member on the internet is connected. Until then, ask a friend to open the address below in a browser.',
          checkedAt,
        }
    }
  }

  /** Looks now. Resolves when it is over; one look at a time. */
  check(): Promise<void> {
    const { checkPort, local } = this.#options
    if (!checkPort || local || this.#stopped) return Promise.resolve()
    this.#running ??= this.#look(checkPort).finally(() => {
      this.#running = undefined
      if (!this.#stopped) this.#options.changed()
    })
    return this.#running
  }

  /** Somebody new is connected who might be asked: looked at soon, if nothing is known yet. */
  someoneCame(): void {
    if (this.#options.checkPort && !this.#options.local && !this.#stopped && !this.#running && this.#verdict === 'unknown') this.#later(FIRST_MS)
  }

  stop(): void {
    this.#stopped = true
    this.#callOff?.()
  }

  async #look(checkPort: CheckPort): Promise<void> {
    const { port, clock, log, changed } = this.#options
    this.#callOff?.()
    changed()
    const found = await checkPort(port).catch((error: unknown) => {
      log.warn('the tracker’s port could not be checked', { error: String(error) })
      return 'not-tried' as const
    })
    if (this.#stopped) return
    if (found === 'not-tried') {
      this.#later(this.#pause)
      this.#pause = Math.min(LONGEST_MS, this.#pause * 2)
      return
    }
    this.#verdict = found === 'answers' ? 'reachable' : 'closed'
    this.#checkedAt = Math.floor(clock.now() / 1000)
    this.#pause = ASK_AGAIN_MS
    this.#later(found === 'answers' ? OPEN_AGAIN_MS : CLOSED_AGAIN_MS)
  }

  #later(ms: number): void {
    this.#callOff?.()
    this.#callOff = this.#options.clock.after(ms, () => void this.check())
  }
}

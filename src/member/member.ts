import { Failure } from '../api/errors.ts'
import type { MemberService } from '../api/service.ts'
import { Pacer } from '../chain/pause.ts'
import { formatAddress } from '../consensus/address.ts'
import { formatHostPort } from '../net/transport.ts'
import { systemClock } from '../platform/clock.ts'
import { systemFiles } from '../platform/files.ts'
import type { TrackedMember } from '../tracker/client.ts'
import { formatIp, isPrivate } from '../util/ip.ts'
import type { Logger } from '../util/ports.ts'
import { Closers } from './closers.ts'
import { diskFailure } from './disk-failure.ts'
import { EventHub } from './event-hub.ts'
import { changeMining } from './mining-service.ts'
import { defaultNickname } from './open-wallet.ts'
import type { MemberOptions } from './options.ts'
import { openParts, type Parts } from './parts.ts'
import { Problems } from './problems.ts'
import { createService } from './service.ts'
import { makeStatus } from './status.ts'

export type { MemberOptions } from './options.ts'

/** Numbers that change by themselves (hash rate, latencies) are told so often while somebody listens. */
const REFRESH_MS = 1_000
/** Waiting transfers are written down so often, so that a crash loses few of them. */
const SAVE_MS = 30_000

/** A full node, miner and wallet in one data folder: the one thing that hosts start. */
export class Member {
  /** What it does for its faces. */
  readonly service: MemberService
  readonly #parts: Parts
  readonly #hub: EventHub
  readonly #problems: Problems
  readonly #closers: Closers
  readonly #log: Logger
  readonly #stops: (() => void)[] = []
  readonly #ended: Promise<void>
  #resolveEnded: () => void = () => {}
  #closing: Promise<void> | undefined
  #mempoolSaved = true

  private constructor(options: MemberOptions, parts: Parts, hub: EventHub, problems: Problems, closers: Closers) {
    this.#parts = parts
    this.#hub = hub
    this.#problems = problems
    this.#closers = closers
    this.#log = options.log
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.service = createService(parts, { hub, problems, status: () => makeStatus(parts, problems, options), stop: () => void this.close() })
    this.#wire()
  }

  /** Opens the member in `options.dataDir`, making what is missing. Throws a `Failure` that says what to do; then nothing is left open. */
  static async open(options: MemberOptions): Promise<Member> {
    const closers = new Closers()
    let hub: EventHub | undefined
    const problems = new Problems(() => hub?.touch())
    try {
      const parts = await openParts(options, problems, () => hub?.emit({ type: 'tracker' }), closers)
      const events = new EventHub(
        systemClock,
        () => makeStatus(parts, problems, options),
        (error) => options.log.error('the status could not be made', { error: String(error) }),
      )
      hub = events
      closers.add('the events', () => events.end())
      const member = new Member(options, parts, events, problems, closers)
      await member.#start(options)
      return member
    } catch (error) {
      await closers.closeAll(options.log)
      throw diskFailure(error)
    }
  }

  /** `HOST:PORT` where members reach it. */
  get listen(): string {
    const { listenAddress } = this.#parts.network
    return listenAddress ? formatHostPort(listenAddress) : ''
  }

  get memberId(): string {
    return this.#parts.identity.memberId
  }

  /** The wallet's address, or null while there is none. */
  get address(): string | null {
    const { address } = this.#parts.wallet
    return address ? formatAddress(address, this.#parts.params) : null
  }

  /** Resolves when it has closed, whoever asked for that. */
  get ended(): Promise<void> {
    return this.#ended
  }

  /** Stops the miner, says goodbye to trackers and peers, writes what waits, closes the stores. The same promise each time. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const stop of this.#stops.splice(0)) stop()
      await this.#closers.closeAll(this.#log)
      this.#resolveEnded()
    })()
    return this.#closing
  }

  async #start(options: MemberOptions): Promise<void> {
    const { wallet, trackers, settings } = this.#parts
    if (options.passphrase !== undefined) await this.#openWallet(options, options.passphrase)
    if (options.nickname !== undefined && wallet.state === 'unlocked' && wallet.nickname !== settings.values.nickname)
      await wallet.setNickname(options.nickname)
    for (const message of await trackers.start(options.trackers)) this.#problems.raise('hosting', 'warning', message)
    if (options.mine !== undefined) await this.#mine(options)
    else if (settings.values.autoStart && settings.values.consentedAt !== null) await this.#parts.yielder.startWhenReady()
    this.#repeat(REFRESH_MS, () => {
      const outage = trackers.outage()
      if (outage === undefined) this.#problems.clear('trackers')
      else this.#problems.raise('trackers', 'warning', outage)
      this.#hub.touch()
    })
    this.#repeat(SAVE_MS, () => this.#saveMempool())
  }

  async #openWallet({ init, nickname }: MemberOptions, passphrase: string): Promise<void> {
    const { wallet, settings, identity } = this.#parts
    if (wallet.state === 'none') {
      if (init !== true)
        throw new Failure('WALLET_MISSING', 'There is no wallet in this data folder: add --init to make one, or restore one with “cheese restore”.')
      const { draft, words, ask } = wallet.draft()
      const answers = ask.map((number) => words[number - 1] ?? '')
      await wallet.create({ draft, answers, passphrase, nickname: nickname ?? settings.values.nickname ?? defaultNickname(identity.memberId) })
    }
    await wallet.keepUnlocked(passphrase)
  }

  async #mine({ agree }: MemberOptions): Promise<void> {
    if (!this.#parts.wallet.address)
      throw new Failure(
        'WALLET_MISSING',
        'There is no wallet to mine to: add --init and --passphrase-file FILE to make one, or restore one with “cheese restore”.',
      )
    await changeMining({ on: true, ...(agree === true ? { consent: true } : {}) }, this.#parts)
  }

  /** Lets the parts hear of each other. The mempool hears of a new tip before all this (parts.ts). */
  #wire(): void {
    const { stack, mempool, miner, yielder, records, network, trackers, wallet } = this.#parts
    const hub = this.#hub
    const told = trackers.client
    this.#stops.push(
      stack.events.on('tip', ({ disconnected, tip }) => {
        miner.handleTip()
        mempool.whenSettled(() => miner.handleSettled())
        hub.emit({ type: 'stack', height: tip.height, smell: tip.smell, disconnected: disconnected.length })
      }),
      mempool.events.on('best', () => miner.handleBest()),
      mempool.events.on('added', () => {
        this.#mempoolSaved = false
        hub.emit({ type: 'mempool' })
      }),
      mempool.events.on('removed', () => {
        this.#mempoolSaved = false
        hub.emit({ type: 'mempool' })
      }),
      miner.events.on('found', (found) => {
        this.#problems.clear('mining')
        hub.emit({ type: 'found', ...found })
      }),
      miner.events.on('changed', () => hub.touch()),
      miner.events.on('problem', ({ message }) => this.#problems.raise('mining', 'warning', message)),
      network.events.on('sync', ({ stage }) => {
        // What is found below the others' tip would be for nothing.
        yielder.handleSync(stage)
        hub.touch()
      }),
      network.events.on('doubt', ({ detail }) =>
        this.#problems.raise(
          'doubt',
          'error',
          `Several members follow a cheese that this member holds to be invalid (${detail}). Either they run other rules, or what is stored here is damaged: stop the member and run “cheese verify”.`,
        ),
      ),
      network.events.on('clock', ({ offset }) => this.#tellClock(offset)),
      network.events.on('peersChanged', () => hub.emit({ type: 'peers' })),
      network.events.on('peerConnected', () => {
        trackers.someoneCame()
        hub.emit({ type: 'members' })
      }),
      network.events.on('peerDisconnected', () => hub.emit({ type: 'members' })),
      network.events.on('directory', () => hub.emit({ type: 'members' })),
      told.events.on('heard', ({ tracker, members }) => this.#meetTracked(members, hostOf(tracker))),
      told.events.on('members', () => hub.emit({ type: 'members' })),
      wallet.events.on('changed', () => {
        miner.handleAddress()
        void records.handleAddress()
        this.#shareCard()
        hub.emit({ type: 'history' })
      }),
      wallet.events.on('history', () => hub.emit({ type: 'history' })),
      wallet.events.on('contacts', () => hub.emit({ type: 'contacts' })),
    )
  }

  /** Those that a tracker told of: their cards for the directory, their addresses to be dialled. */
  #meetTracked(members: readonly TrackedMember[], tracker: string): void {
    const { network } = this.#parts
    for (const { card, endpoint, dialable } of members) {
      void network.addCard(card.bytes, tracker)
      if (!endpoint || !dialable) continue
      // A private address is dialable only where the tracker is in our local network too.
      const at = { host: formatIp(endpoint.ip), port: endpoint.port, memberId: card.memberId }
      network.addEndpoints([at], isPrivate(endpoint.ip) ? 'lan' : 'tracker', tracker)
    }
  }

  #tellClock(offset: number): void {
    if (offset === 0) {
      this.#problems.clear('clock')
      return
    }
    const minutes = Math.round(Math.abs(offset) / 60)
    this.#problems.raise(
      'clock',
      'warning',
      `This computer's clock seems to be ${minutes} minutes ${offset > 0 ? 'slow' : 'fast'}, as the times of the latest cheeses say: set it, best by letting the system keep the time.${
        offset > 0 ? ' Until then new cheeses are held back that come from the future by it.' : ''
      }`,
    )
  }

  #shareCard(): void {
    const { network, trackers } = this.#parts
    network.shareCard()
    trackers.client.announceNow()
    this.#hub.touch()
  }

  async #saveMempool(): Promise<void> {
    if (this.#mempoolSaved) return
    this.#mempoolSaved = true
    const { mempool, folder } = this.#parts
    try {
      await systemFiles.write(folder.mempool, await new Pacer().run(mempool.snapshotSteps()))
      this.#problems.clear('mempool')
    } catch (error) {
      this.#mempoolSaved = false
      this.#problems.raise('mempool', 'error', `Waiting transfers could not be written down. ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #repeat(ms: number, job: () => Promise<void> | void): void {
    let off = () => {}
    let stopped = false
    const next = () => {
      off = systemClock.after(ms, () => {
        void Promise.resolve(job()).finally(() => {
          if (!stopped) next()
        })
      })
    }
    next()
    this.#stops.push(() => {
      stopped = true
      off()
    })
  }
}

/** The host of a tracker's address, without brackets. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : url
}

import { Failure } from '../api/errors.ts'
import type { HostedTracker } from '../api/schemas-tracker.ts'
import type { Params } from '../consensus/params.ts'
import type { NetworkVerifier } from '../net/identity.ts'
import { PortKeeper } from '../net/port-keeper.ts'
import type { PortMapper } from '../net/port-mapping.ts'
import { probe } from '../net/probe.ts'
import type { Transport } from '../net/transport.ts'
import { openTrackerServer, type TrackerServer } from '../tracker/server.ts'
import type { Files } from '../util/files.ts'
import { formatEndpoint, isGlobal, isLoopback, isPrivate, parseEndpoint, parseHostPort, parseIp } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { TRACKER_SCHEME, trackerLink } from '../util/tracker-link.ts'
import { type CheckPort, TrackerSelfTest } from './tracker-self-test.ts'

/** Dialling a member back takes no longer. */
const DIAL_BACK_MS = 8_000

export interface HostedTrackerDeps {
  readonly memberId: string
  readonly transport: Transport
  readonly params: Params
  readonly verifier: NetworkVerifier
  readonly version: string
  readonly files: Files
  /** Where the tracker's table is kept while it is closed. */
  readonly folder: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Ways to have the router let others in; none where there is no router to ask. */
  readonly mappers: readonly PortMapper[]
  /** Whether the router is to be asked, as it is now. */
  readonly mayMap: () => boolean
  /** Asks other members to try a port of ours; left out where nobody can be asked. */
  readonly checkPort?: CheckPort | undefined
  readonly changed: () => void
}

/** A tracker that this member hosts, while it is open. */
export class OwnTracker {
  readonly #deps: HostedTrackerDeps
  readonly #server: TrackerServer
  readonly #selfTest: TrackerSelfTest
  readonly #keeper: PortKeeper
  /** The port that the router is asked for. */
  #mapped: number | undefined
  /** Whether it listens where only this computer gets to. */
  readonly #local: boolean

  private constructor(deps: HostedTrackerDeps, server: TrackerServer) {
    this.#deps = deps
    this.#server = server
    const { clock, log, checkPort, changed, params } = deps
    const ip = parseIp(hostOf(server.listen))
    this.#local = ip !== undefined && isLoopback(ip)
    this.#keeper = new PortKeeper({ mappers: deps.mappers, clock, log: log.child('hosted tracker'), onChange: changed })
    this.#selfTest = new TrackerSelfTest({
      port: server.port,
      // On regtest this computer is the world.
      local: params.network !== 'regtest' && this.#local,
      lanAddress: server
        .urls()
        .map((url) => new URL(url).hostname)
        .find((host) => {
          const own = parseIp(host)
          return own !== undefined && isPrivate(own)
        }),
      checkPort,
      clock,
      log: log.child('hosted tracker'),
      changed,
    })
    server.events.on('members', changed)
    this.again()
  }

  /** Listens at `HOST:PORT`; at `[::]` for IPv6 and IPv4, or for IPv4 alone where this machine knows no other. Throws a `Failure` that says why it cannot. */
  static async open(listen: string, deps: HostedTrackerDeps): Promise<OwnTracker> {
    try {
      return await OwnTracker.#open(listen, deps)
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'PORT_IN_USE' || !listen.startsWith('[::]:')) throw error
      return OwnTracker.#open(listen.replace('[::]', '0.0.0.0'), deps)
    }
  }

  static async #open(listen: string, deps: HostedTrackerDeps): Promise<OwnTracker> {
    const { transport, clock, random, log, verifier, version, files, folder } = deps
    const opened = await openTrackerServer({
      listen,
      clock,
      random,
      log: log.child('hosted tracker'),
      verifier,
      version,
      files,
      folder,
      dialBack: ({ endpoint, blueSmell }) => probe({ transport, endpoint, blueSmell, timeoutMs: DIAL_BACK_MS, clock, random }),
    })
    if (opened.ok) return new OwnTracker(deps, opened.value)
    const { code, message } = opened.error
    throw new Failure(code === 'port-in-use' || code === 'permission' ? 'PORT_IN_USE' : 'BAD_INPUT', message)
  }

  /** `HOST:PORT`, with the port chosen if 0 was asked for. */
  get listen(): string {
    return this.#server.listen
  }

  /** The address at which this member itself joins it. */
  get selfUrl(): string {
    const host = this.listen.slice(0, this.listen.lastIndexOf(':'))
    return `http://${host === '0.0.0.0' || host === '[::]' ? '127.0.0.1' : host}:${this.#server.port}`
  }

  /** Looks again whether others can reach it. */
  check(): Promise<void> {
    return this.#selfTest.check()
  }

  /** The router may have forgotten what it was asked for, or be another one; or the person wants it to be asked, or not to be. */
  again(): void {
    const { mappers, mayMap } = this.#deps
    const wanted = mappers.length > 0 && !this.#local && mayMap() ? this.#server.port : undefined
    if (wanted === this.#mapped) this.#keeper.again()
    else void this.#keeper.keep(wanted)
    this.#mapped = wanted
  }

  /** Another member is connected, who might be asked to try it. */
  someoneCame(): void {
    this.#selfTest.someoneCame()
  }

  view(startWithApp: boolean): HostedTracker {
    const { params, memberId } = this.#deps
    const ours = this.#server.members().filter(({ blueSmell }) => blueSmell === params.blueSmellHex)
    const { state, endpoints, error } = this.#keeper.state
    // Where the router says that others get in comes first: this computer's own addresses are known at home alone.
    const urls = [...new Set([...endpoints.map((endpoint) => `http://${formatEndpoint(endpoint)}`), ...this.#server.urls()])]
    const strangers = ours.some((member) => {
      const endpoint = parseEndpoint(member.endpoint)
      return member.memberId !== memberId && endpoint !== undefined && isGlobal(endpoint.ip)
    })
    return {
      listen: this.listen,
      port: this.#server.port,
      urls,
      link: (urls[0] === undefined ? undefined : trackerLink(urls[0])) ?? `${TRACKER_SCHEME}:127.0.0.1:${this.#server.port}`,
      selfTest: this.#selfTest.view({ strangers, mapped: state === 'mapped', obstacle: error }),
      startWithApp,
      total: this.#server.count(params.blueSmellHex),
      members: ours.map(({ blueSmell: _, reachable, ...member }) => ({ ...member, reachable: reachable === true })),
    }
  }

  async close(): Promise<void> {
    this.#selfTest.stop()
    await Promise.all([this.#keeper.close(), this.#server.close()])
  }
}

function hostOf(listen: string): string {
  const parsed = parseHostPort(listen)
  return parsed.ok ? parsed.value.host : ''
}

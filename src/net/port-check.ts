import { TokenBuckets } from '../util/bucket.ts'
import { isGlobal, parseIp } from '../util/ip.ts'
import type { Clock, Random } from '../util/ports.ts'
import { addressGroup, addressOwner } from './address-group.ts'
import type { NetContext } from './context.ts'
import { sinceVersion } from './messages.ts'
import type { PortAnswer, PortKind } from './messages-members.ts'
import type { Peer } from './peer.ts'
import { probe } from './probe.ts'
import type { HostPort, Transport } from './transport.ts'
import { GROUPS_FOR_CLOSED } from './verdict.ts'

/** Lowest port that is dialled for others: below it are services that strangers must not make us knock at. */
const LOWEST_PORT = 1024
/** Dials for others under way at once. */
const MAX_AT_ONCE = 2
/** One address, and one peer, gets one dial in this time. */
const ONCE_EACH = { burst: 1, perSecond: 1 / 60 } as const
/** So many peers are asked about a port of ours, no two of one address group. */
export const ASKED = 4
/** A dial for somebody else takes no longer. */
const DIAL_MS = 8_000
/** An answer is waited for so long. */
const WAIT_MS = 15_000
/** An answer that comes later than that is no fault. */
const LATE_MS = 120_000

/** What one peer found who dialled a port of ours. */
export interface PortWord {
  readonly memberId: string
  /** Of the peer's address: two of one group count for one. */
  readonly group: string
  readonly verdict: PortAnswer
  /** Where it dialled, as it says: 4 or 16 bytes, or none. */
  readonly dialled: Uint8Array
}

/** Whether what is said to be at an address is there; it must end by itself within seconds. */
export type PortProbe = (endpoint: HostPort, what: PortKind, memberId: string) => Promise<boolean>

interface Asked {
  readonly peer: Peer
  /** Without effect after the first time. */
  readonly settle: (verdict: PortAnswer, dialled?: Uint8Array) => void
}

/** Members dial each other on request, and say whether anything answered: so a member learns whether it can be reached. */
export class PortCheck {
  readonly #context: NetContext
  readonly #probe: PortProbe
  readonly #relaxed: boolean
  readonly #perAddress: TokenBuckets
  readonly #perPeer: TokenBuckets
  readonly #asked = new Map<number, Asked>()
  #running = 0
  #request = 0

  constructor(context: NetContext, probe: PortProbe) {
    this.#context = context
    this.#probe = probe
    // On regtest this machine is the world, and tests are in a hurry.
    this.#relaxed = context.params.network === 'regtest'
    const rate = this.#relaxed ? { burst: 64, perSecond: 16 } : ONCE_EACH
    this.#perAddress = new TokenBuckets(context.clock, rate, 10_000)
    this.#perPeer = new TokenBuckets(context.clock, rate, 10_000)
  }

  /**
   * Asks peers of different address groups to dial our port at the address that each of them sees. Resolves when all have
   * answered, or with those that did within 15 seconds; empty when nobody who is connected can be asked.
   */
  ask(port: number, what: PortKind): Promise<PortWord[]> {
    return Promise.all(this.#choose().map(([group, peer]) => this.#ask(peer, group, port, what)))
  }

  /** What they say all together. */
  async check(port: number, what: PortKind): Promise<PortAnswer> {
    return concludeWords(await this.ask(port, what), this.#relaxed ? 1 : GROUPS_FOR_CLOSED)
  }

  disconnected(peer: Peer): void {
    for (const [request, asked] of this.#asked) {
      if (asked.peer !== peer) continue
      this.#asked.delete(request)
      asked.settle('not-tried')
    }
  }

  onCheckPort(peer: Peer, request: number, port: number, what: PortKind): void {
    const ip = parseIp(peer.remote.host)
    const reply = (verdict: PortAnswer) => {
      if (!peer.channel.ended) peer.send({ type: 'portChecked', request, verdict, dialled: ip ?? new Uint8Array() })
    }
    if (!this.#mayDial(peer, ip, port)) {
      reply('not-tried')
      return
    }
    this.#running++
    void this.#probe({ host: peer.remote.host, port }, what, peer.memberId)
      .then(
        (answers) => reply(answers ? 'answers' : 'nobody'),
        () => reply('not-tried'),
      )
      .finally(() => {
        this.#running--
      })
  }

  /** The observed address alone is dialled: nobody can have us knock at somebody else's door. */
  #mayDial(peer: Peer, ip: Uint8Array | undefined, port: number): boolean {
    if (!ip || !(this.#relaxed || isGlobal(ip)) || port < LOWEST_PORT || this.#running >= MAX_AT_ONCE) return false
    return this.#perPeer.take(peer.memberId) && this.#perAddress.take(addressOwner(peer.remote.host))
  }

  onPortChecked(peer: Peer, request: number, verdict: PortAnswer, dialled: Uint8Array): void {
    const asked = this.#asked.get(request)
    if (asked?.peer !== peer) {
      this.#context.punish(peer, 'unasked', 'a verdict about a port that was not asked for')
      return
    }
    this.#asked.delete(request)
    asked.settle(verdict, dialled)
  }

  #ask(peer: Peer, group: string, port: number, what: PortKind): Promise<PortWord> {
    const { clock } = this.#context
    this.#request = (this.#request + 1) % 2 ** 32
    const request = this.#request
    return new Promise((resolve) => {
      const callOff = clock.after(WAIT_MS, () => {
        settle('not-tried')
        clock.after(LATE_MS, () => this.#asked.delete(request))
      })
      const settle = (verdict: PortAnswer, dialled: Uint8Array = new Uint8Array()) => {
        callOff()
        resolve({ memberId: peer.memberId, group, verdict, dialled })
      }
      this.#asked.set(request, { peer, settle })
      peer.send({ type: 'checkPort', request, port, what })
    })
  }

  /** Those that we dialled first: who came by himself may have come to say just this. */
  #choose(): [group: string, peer: Peer][] {
    const { peers, random } = this.#context
    const since = sinceVersion('checkPort')
    const able = [...peers.values()].filter(({ version, congested }) => version >= since && !congested)
    const ranked = able.map((peer) => ({ peer, rank: (peer.direction === 'out' ? 0 : 1) + random.fraction() })).sort((a, b) => a.rank - b.rank)
    const chosen = new Map<string, Peer>()
    for (const { peer } of ranked) {
      const group = addressGroup(peer.remote.host) ?? (this.#relaxed ? peer.memberId : undefined)
      if (group !== undefined && !chosen.has(group) && chosen.size < ASKED) chosen.set(group, peer)
    }
    return [...chosen]
  }
}

/** Looks for a member by shaking hands with it; for a tracker as `trackerAnswers` does. */
export function portProbe(options: {
  readonly transport: Transport
  readonly params: { readonly blueSmell: Uint8Array }
  readonly clock: Clock
  readonly random: Random
  readonly trackerAnswers?: ((endpoint: HostPort) => Promise<boolean>) | undefined
}): PortProbe {
  const { transport, params, clock, random } = options
  return async (endpoint, what, memberId) => {
    if (what === 'tracker') return (await options.trackerAnswers?.(endpoint)) ?? Promise.reject(new Error('nothing here can ask a tracker'))
    const probed = await probe({ transport, endpoint, blueSmell: params.blueSmell, timeoutMs: DIAL_MS, clock, random })
    return probed.ok && probed.value.memberId === memberId
  }
}

/**
 * What the words come to. `nobody` only when those of several groups say so and none says otherwise: a single stranger says what it likes.
 * @param groups how many it takes
 */
function concludeWords(words: readonly PortWord[], groups: number): PortAnswer {
  if (words.some(({ verdict }) => verdict === 'answers')) return 'answers'
  const silent = new Set(words.filter(({ verdict }) => verdict === 'nobody').map(({ group }) => group))
  return silent.size >= groups ? 'nobody' : 'not-tried'
}

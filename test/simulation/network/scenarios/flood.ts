import type { Key } from '../../../../src/chain/testing/maker.ts'
import { encodeTransfer } from '../../../../src/consensus/codec.ts'
import { relayId as relayIdOf, sha256 } from '../../../../src/consensus/hash.ts'
import { toHex } from '../../../../src/util/bytes.ts'
import { checkInvariants } from '../invariants.ts'
import { PORT, type SimMember } from '../member.ts'
import { signed } from '../money.ts'
import { mean, percentile } from '../observer.ts'
import type { Invariant, Outcome, Scenario, Wanted } from '../outcome.ts'
import { bytes, delayFacts, delayTable, ms } from '../report/figures.ts'
import { lineChart } from '../report/svg.ts'
import { type Line, Stranger } from '../strangers.ts'
import type { World } from '../world.ts'
import { ended, settled } from './measure.ts'

const RATE = 0.2
/** Before the flood, and during it, milliseconds. */
const CALM_MS = 5 * 60_000
/** A flooder holds so many members at once. */
const TARGETS = 8
const TICK_MS = 200

/** A way to be a nuisance: what is sent every fifth of a second. */
interface Nuisance {
  readonly name: string
  readonly flood: (line: Line, world: World, tick: number) => void
}

const inventedIds: Nuisance = {
  name: 'invented relay ids, 1,000 a second',
  flood: (line, world) => line.send({ type: 'inv', ids: Array.from({ length: 200 }, () => toHex(world.dice.bytes(32))) }),
}

const unasked: Nuisance = {
  name: 'transfers that nobody asked for',
  flood: (line, world) => line.send({ type: 'transfer', bytes: encodeTransfer(forged(world)) }),
}

/** What was announced on a line and is delivered when asked for, by relay id. */
const offers = new WeakMap<Line, Map<string, Uint8Array>>()

const badSignatures: Nuisance = {
  name: 'transfers with bad signatures, announced and delivered',
  flood: (line, world) => {
    const offered = offers.get(line) ?? new Map<string, Uint8Array>()
    offers.set(line, offered)
    const encoded = encodeTransfer(forged(world))
    const id = toHex(sha256(encoded))
    offered.set(id, encoded)
    line.onMessage = (message) => {
      const asked = message.type === 'getTransfers' ? message.ids.map((wanted) => offered.get(wanted)) : []
      for (const transfer of asked) if (transfer) line.send({ type: 'transfer', bytes: transfer })
    }
    line.send({ type: 'inv', ids: [id] })
  },
}

const questions: Nuisance = {
  name: 'questions for headers, 100 a second',
  flood: (line, world, tick) => {
    for (let i = 0; i < 20; i++) line.send({ type: 'getHeaders', request: tick * 20 + i + 1, locator: [world.params.blueSmellHex] })
  },
}

const NUISANCES: readonly Nuisance[] = [inventedIds, unasked, badSignatures, questions]

/** A transfer of an account that has crumbs and was never used, with a signature that is none: everything else about it is good. */
function forged(world: World) {
  const [key] = world.keys
  if (!key) throw new Error('bug: there are accounts')
  return { ...unsignedOf(world, key, key, 0), signature: world.dice.bytes(64) }
}

function unsignedOf(world: World, key: Key, to: Key, sequence: number) {
  const payments = [{ to: to.address, amount: 1_000n + BigInt(world.dice.below(1_000)) }]
  return { version: 1, from: key.publicKey, sequence, expiry: 0, fee: 143n, payments, memo: new Uint8Array() }
}

interface Fate {
  readonly nuisance: string
  readonly linesOpened: number
  readonly banned: number[]
  readonly bytesIn: number[]
  readonly left: number
}

/** One flooder against some members until all have banned it. */
async function flood(world: World, nuisance: Nuisance, lasts: number): Promise<Fate> {
  const host = world.newHost()
  const stranger = new Stranger(world, `flooder ${NUISANCES.indexOf(nuisance) + 1}`, [host])
  const targets = world.dice.shuffled(world.on.filter((member) => !world.isClosed(member))).slice(0, TARGETS)
  const lines = (await world.settle(Promise.all(targets.map(({ host: to }) => stranger.dial({ host: to, port: PORT }, host))), 'dials')).filter(
    (line) => line !== undefined,
  )
  let tick = 0
  const next = () => {
    tick++
    for (const line of lines) if (line.greeted && !line.ended && !line.channel.ended) nuisance.flood(line, world, tick)
    if (lines.some(({ ended: end }) => !end) && tick * TICK_MS < lasts) world.clock.after(TICK_MS, next)
  }
  next()
  await world.until(() => lines.every(({ ended: end }) => end), lasts, 1_000)
  const banned = lines.filter(({ ended: end }) => end?.why.startsWith('banned'))
  const fate = {
    nuisance: nuisance.name,
    linesOpened: lines.length,
    banned: banned.map(({ ended: end, openedAt }) => (end?.at ?? 0) - openedAt),
    bytesIn: lines.map(({ channel }) => channel.connection.bytesOut),
    left: lines.filter(({ ended: end }) => !end).length,
  }
  await stranger.stop()
  return fate
}

/** Good transfers at the least fee from accounts that can afford them: nobody's fault, and no reason to keep others waiting. */
class Cheap {
  sent = 0
  readonly #world: World
  readonly #keys: readonly Key[]
  readonly #at: SimMember
  #isOver = false

  constructor(world: World, keys: readonly Key[], at: SimMember) {
    this.#world = world
    this.#keys = keys
    this.#at = at
  }

  begin(): void {
    if (this.#isOver) return
    void this.#round()
    this.#world.clock.after(2_000, () => this.begin())
  }

  end(): void {
    this.#isOver = true
  }

  async #round(): Promise<void> {
    const { session } = this.#at
    if (!session) return
    const { mempool } = session
    for (const key of this.#keys) {
      const sender = toHex(key.address)
      if (mempool.bySender(sender).length >= 25) continue
      const transfer = signed(unsignedOf(this.#world, key, this.#keys[0] as Key, mempool.nextSequence(sender)), key, this.#world.params)
      if (!mempool.has(toHex(relayIdOf(transfer))) && (await mempool.add(transfer)).ok) this.sent++
    }
  }
}

async function run(wanted: Wanted): Promise<Outcome> {
  const world = await settled(wanted)
  // The last accounts are the flooder's own.
  const paid = world.keys.slice(-Math.ceil(world.keys.length / 4))
  world.wallets.exclude([...paid, ...world.keys.slice(0, 1)])
  world.wallets.start(RATE)
  await world.run(CALM_MS)
  const calmEnd = world.clock.exact
  const cheap = new Cheap(world, paid, world.on[0] as SimMember)
  cheap.begin()
  const lasts = ((wanted.hours ?? 0.4) * 3_600_000) / NUISANCES.length
  const fates: Fate[] = []
  const waiting: [number, number][] = []
  const look = () => {
    waiting.push([(world.clock.exact - calmEnd) / 60_000, world.on[0]?.session?.mempool.size ?? 0])
    if (fates.length < NUISANCES.length) world.clock.after(10_000, look)
  }
  look()
  for (const nuisance of NUISANCES) {
    const until = world.clock.exact + lasts
    fates.push(await flood(world, nuisance, lasts))
    await world.run(Math.max(0, until - world.clock.exact))
  }
  cheap.end()
  const stormEnd = world.clock.exact
  const invariants = await checkInvariants(world)
  const waits = (from: number, to: number) =>
    [...world.observer.transfers.values()]
      .filter(({ at, confirmedAt }) => at >= from && at < to && confirmedAt !== undefined)
      .map(({ at, confirmedAt }) => (confirmedAt ?? at) - at)
  const calm = waits(0, calmEnd)
  const storm = waits(calmEnd, stormEnd)
  const unconfirmed = [...world.observer.transfers.values()].filter(({ at, confirmedAt }) => at < stormEnd - 10 * 60_000 && confirmedAt === undefined).length
  const end = await ended(world)
  const all: Invariant[] = [
    ...invariants,
    {
      name: 'every flooder was banned by everybody it flooded',
      holds: fates.every(({ left, linesOpened }) => left === 0 && linesOpened > 0),
      detail: fates.map(({ left, linesOpened }) => `${linesOpened - left} of ${linesOpened}`).join(', '),
    },
    { name: 'honest transfers are confirmed all the same', holds: unconfirmed === 0, detail: `${unconfirmed} older than ten minutes are not` },
  ]
  return {
    scenario: 'flood',
    title: 'A flood of nonsense, and one of cheap transfers',
    about: `One after the other, strangers flood ${TARGETS} members each with ${NUISANCES.map(({ name }) => name).join('; ')}. All the while somebody sends good transfers at the least fee from ${paid.length} accounts, 25 waiting for each. Other people pay as before.`,
    wanted,
    tables: [
      {
        title: 'Until the ban',
        head: ['what', 'members flooded', 'banned by', 'after (p50)', 'latest', 'bytes that a member took'],
        rows: fates.map(({ nuisance, linesOpened, banned, bytesIn }) => [
          nuisance,
          String(linesOpened),
          String(banned.length),
          ms(percentile(banned, 0.5)),
          ms(percentile(banned, 1)),
          bytes(mean(bytesIn)),
        ]),
      },
      {
        title: "Other people's transfers: in a cheese after",
        head: ['', 'transfers', 'p50', 'p95'],
        rows: [
          ['before', String(calm.length), ms(percentile(calm, 0.5)), ms(percentile(calm, 0.95))],
          ['while it lasts', String(storm.length), ms(percentile(storm, 0.5)), ms(percentile(storm, 0.95))],
          ['cheap transfers sent', String(cheap.sent), '', ''],
        ],
      },
      delayTable(world),
    ],
    charts: [
      {
        file: 'flood-waiting.svg',
        svg: lineChart({ title: 'Transfers that wait at a member', x: 'minutes of the flood', y: 'transfers', series: [{ name: 'waiting', points: waiting }] }),
      },
    ],
    invariants: all,
    facts: {
      ...delayFacts(world),
      calm: percentile(calm, 0.5) ?? -1,
      storm: percentile(storm, 0.5) ?? -1,
      cheap: cheap.sent,
      ...Object.fromEntries(fates.map(({ nuisance, banned }) => [`banned after: ${nuisance}`, percentile(banned, 1) ?? -1])),
    },
    ...end,
  }
}

export const spam: Scenario = {
  name: 'flood',
  summary: 'floods of nonsense until the ban, and of cheap transfers beside honest ones (a third of the members)',
  membersOf: (members) => Math.max(12, Math.round(members / 3)),
  run,
}

import { checkInvariants } from '../invariants.ts'
import type { SimMember } from '../member.ts'
import { PORT } from '../member.ts'
import { mean } from '../observer.ts'
import type { Outcome, Scenario, Wanted } from '../outcome.ts'
import { delayFacts, delayTable, percent } from '../report/figures.ts'
import { lineChart } from '../report/svg.ts'
import { Stranger } from '../strangers.ts'
import type { World } from '../world.ts'
import { ended, settled } from './measure.ts'

/** The attacker's addresses: so many, in so few groups, and so many on each card. */
const ADDRESSES = 4_000
const GROUPS = 4
const PER_CARD = 8
/** Connections that the attacker tries to hold to each member. */
const HELD = 40
/** Members that restart while they are attacked, and members that are new then. */
const RESTART_SHARE = 0.25
const NEW_SHARE = 0.1
const RATE = 0.05

/** What the attacker does: everything within the protocol, nothing of use. */
class Attack {
  readonly strangers: Stranger[] = []
  readonly #world: World
  readonly #hosts = new Set<string>()
  #isOver = false

  constructor(world: World) {
    this.#world = world
  }

  async begin(): Promise<void> {
    const dice = this.#world.dice.fork('eclipse')
    for (let i = 0; i < ADDRESSES / PER_CARD; i++) {
      const hosts = Array.from({ length: PER_CARD }, (_, k) => {
        const number = i * PER_CARD + k
        const host = `${150 + (number % GROUPS)}.7.${Math.floor(number / GROUPS / 250)}.${1 + (Math.floor(number / GROUPS) % 250)}`
        this.#world.lines.place(host, true)
        this.#hosts.add(host)
        return host
      })
      const stranger = new Stranger(this.#world, `attacker ${i}`, hosts)
      stranger.onLine = (line) => {
        line.onMessage = (message) => {
          // Nobody but friends, as often as anybody asks.
          if (message.type === 'getCards') line.send({ type: 'cards', cards: this.#cards(64) })
          if (message.type === 'getHeaders') line.send({ type: 'headers', request: message.request, headers: [] })
        }
      }
      this.strangers.push(stranger)
      await stranger.listen()
    }
    // As trackers let them: all at once would be refused.
    for (const stranger of this.strangers) this.#world.clock.after(dice.between(0, 60_000), () => !this.#isOver && stranger.announce())
    this.#dial()
  }

  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.strangers.map((stranger) => stranger.stop()))
  }

  isOurs(memberId: string): boolean {
    return !this.#world.isMember(memberId)
  }

  #cards(count: number): Uint8Array[] {
    const dice = this.#world.dice
    return dice
      .shuffled(this.strangers)
      .slice(0, count)
      .map(({ card }) => card)
  }

  /** Fills everybody's room for those who come in, and tells each of friends unasked as fast as is allowed. */
  #dial(): void {
    if (this.#isOver) return
    const { clock, dice, on } = this.#world
    for (const member of on) {
      if (this.#world.isClosed(member)) continue
      const held = member.session?.network.peers().filter(({ memberId, direction }) => direction === 'in' && this.isOurs(memberId)).length ?? 0
      for (let i = held; i < HELD; i += 4) {
        const stranger = dice.pick(this.strangers)
        void stranger.dial({ host: member.host, port: PORT }, dice.pick(stranger.hosts)).then((line) => line?.send({ type: 'cards', cards: this.#cards(20) }))
      }
    }
    clock.after(5_000, () => this.#dial())
  }
}

interface Slots {
  readonly outbound: number
  readonly inbound: number
  readonly surrounded: number
  readonly worst: number
}

function slots(world: World, attack: Attack, of: readonly SimMember[]): Slots {
  const shares = of.map(({ session }) => {
    const peers = session?.network.peers() ?? []
    const out = peers.filter(({ direction }) => direction === 'out')
    const came = peers.filter(({ direction }) => direction === 'in')
    const bad = (list: typeof peers) => list.filter(({ memberId }) => attack.isOurs(memberId)).length
    return { out: bad(out) / Math.max(1, out.length), in: bad(came) / Math.max(1, came.length), surrounded: peers.length > 0 && bad(peers) === peers.length }
  })
  const open = of.map((member, i) => ({ member, share: shares[i]?.in ?? 0 })).filter(({ member }) => !world.isClosed(member))
  return {
    outbound: mean(shares.map((share) => share.out)),
    inbound: mean(open.map(({ share }) => share)),
    surrounded: shares.filter(({ surrounded }) => surrounded).length,
    worst: Math.max(0, ...shares.map((share) => share.out)),
  }
}

async function run(wanted: Wanted): Promise<Outcome> {
  const world = await settled(wanted)
  world.wallets.start(RATE)
  const attack = new Attack(world)
  await world.settle(attack.begin(), 'the attack begins')
  const began = world.clock.exact
  const lasts = (wanted.hours ?? 0.5) * 3_600_000
  const honest = () => world.on
  const course: [number, Slots][] = []
  const dice = world.dice.fork('restarts')
  const restarted = dice.shuffled(world.members).slice(0, Math.ceil(RESTART_SHARE * wanted.members))
  const fresh: SimMember[] = []
  let surroundedEver = 0
  const look = () => {
    const now = slots(world, attack, honest())
    surroundedEver = Math.max(surroundedEver, now.surrounded)
    course.push([(world.clock.exact - began) / 60_000, now])
  }
  const steps = Math.round(lasts / 30_000)
  for (let step = 0; step < steps; step++) {
    look()
    // In the middle of it some restart, and some come for the first time.
    if (step === Math.floor(steps / 3)) {
      for (const member of restarted) {
        await world.settle(world.switchOff(member), `${member.name} stops`)
        await world.settle(world.switchOn(member), `${member.name} starts`)
      }
      for (let i = 0; i < Math.ceil(NEW_SHARE * wanted.members); i++) {
        const member = await world.newMember(`newcomer ${i + 1}`, 0, { fresh: true })
        fresh.push(member)
        await world.settle(world.switchOn(member), `${member.name} starts`)
      }
    }
    await world.run(30_000)
  }
  look()
  const last = course.at(-1)?.[1] as Slots
  const ofRestarted = slots(world, attack, restarted)
  const ofFresh = slots(world, attack, fresh)
  const surroundedAtEnd = last.surrounded
  const listed = world.tracker.registry.size
  const invariants = await checkInvariants(world, honest)
  await world.settle(attack.end(), 'the attack ends')
  const end = await ended(world)
  const row = (name: string, { outbound, inbound, worst, surrounded }: Slots) => [name, percent(outbound), percent(worst), percent(inbound), String(surrounded)]
  return {
    scenario: 'eclipse',
    title: 'An attacker with thousands of addresses in few groups',
    about: `An attacker with ${ADDRESSES.toLocaleString('en-GB')} addresses in ${GROUPS} groups (/16) and ${ADDRESSES / PER_CARD} keys announces itself to the tracker, tells everybody of nobody else, answers every dial, holds up to ${HELD} connections to each member that can be dialled, and passes nothing on. A third of the way a quarter of the members restart, and a tenth as many come for the first time.`,
    wanted,
    tables: [
      {
        title: "The attacker's share at the end",
        head: ['of whom', 'outbound slots, mean', 'outbound slots, worst', 'inbound slots, mean of those that can be dialled', 'surrounded'],
        rows: [row('all members', last), row('those that restarted', ofRestarted), row('newcomers', ofFresh)],
      },
      {
        title: 'The list of the tracker',
        head: ['listed', 'of them the attacker'],
        rows: [[String(listed), String(Math.max(0, listed - world.members.length))]],
      },
      delayTable(world),
    ],
    charts: [
      {
        file: 'eclipse-slots.svg',
        svg: lineChart({
          title: "The attacker's share of peers",
          x: 'minutes',
          y: '%',
          series: [
            { name: 'outbound', points: course.map(([x, { outbound }]) => [x, 100 * outbound]) },
            { name: 'outbound, worst member', points: course.map(([x, { worst }]) => [x, 100 * worst]) },
            { name: 'inbound', points: course.map(([x, { inbound }]) => [x, 100 * inbound]) },
          ],
          yRange: [0, 100],
          marks: [{ x: lasts / 3 / 60_000, text: 'restarts' }],
        }),
      },
    ],
    invariants: [
      ...invariants,
      { name: 'nobody is surrounded at the end', holds: surroundedAtEnd === 0, detail: `${surroundedAtEnd} at the end, at most ${surroundedEver} at a time` },
    ],
    facts: {
      ...delayFacts(world),
      outbound: last.outbound,
      worst: last.worst,
      inbound: last.inbound,
      surroundedAtEnd,
      surroundedEver,
      freshOutbound: ofFresh.outbound,
    },
    ...end,
  }
}

export const eclipse: Scenario = {
  name: 'eclipse',
  summary: `an attacker with ${ADDRESSES} addresses in ${GROUPS} groups: what share of the slots it gets, whether anybody is surrounded (a third of the members)`,
  membersOf: (members) => Math.max(10, Math.round(members / 3)),
  run,
}

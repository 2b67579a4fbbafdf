import { firstPassage, type Graph, randomGraph } from './first-passage.ts'
import { onLine } from './network/lines.ts'
import { percentile } from './network/observer.ts'
import { Dice } from './network/random.ts'

/** What a network is asked about. */
export interface Question {
  readonly members: number
  /** Share of members that nobody can dial. */
  readonly closed: number
  readonly cheesesPerHour: number
  readonly transfersPerHour: number
  /** Minutes since all members started, where that is not long ago: they still ask for cards more often, and none was renewed yet. */
  readonly young?: { readonly from: number; readonly to: number }
}

export interface Delays {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** What the model says. Bytes are those that a member sends in an hour, with all headers; as many come in. */
export interface Answer {
  readonly cheese: Delays
  readonly transfer: Delays
  /** Mean number of hops of a cheese's fastest way, and ln N ÷ ln of the mean number of peers. */
  readonly hops: number
  readonly logarithm: number
  readonly bytes: { readonly cheeses: number; readonly transfers: number; readonly inventories: number; readonly cards: number; readonly pings: number }
  readonly total: number
  readonly tracker: { readonly announcesPerSecond: number; readonly bytesPerSecond: number; readonly bytesPerMember: number }
  /** Chance that a cheese is orphaned: somebody finds another before it has come to them. */
  readonly orphans: number
}

/** From the members' protocol and its limits: peers that are dialled, that push, and mean delays of relay ids, milliseconds. */
const OUTBOUND = 8
const PUSHING = 3
const ANNOUNCE = { out: 2_000, in: 5_000, longest: 5 }
/** What loss and chance add to each way, as a factor (lines.ts). */
const JITTER = 1.05
/** Bytes of frames: head 6, and what is in it. */
const FRAME = 6
const CARD = 190
const MOST_CARDS = 64
const TRANSFER = 143
const HEADER = 116
/** A compact cheese without short ids, and one short id. */
const COMPACT = 116 + 8 + 38 + 5
const SHORT_ID = 6
/** Seconds between two announces to the tracker: random between 30 and 60, and a round trip. */
const ANNOUNCE_SECONDS = 45.3
/** Bytes of an announce in a session, of its answer's head and of a member in the answer, in JSON. */
const TRACKER_ASK = 190 + 265
const TRACKER_HEAD = 330 + 130
const TRACKER_ENTRY = 405
/** In a session: all where there are so few, else some. */
const TRACKER_SAMPLE = { all: 50, some: 15 }
/** Members that one knows of at most; up to that many, nobody is new for long, and cards are asked for every sixteen minutes. */
const DIRECTORY = 5_000
const ASKS = { often: 60, seldom: 60 / 16 }
/** News of cards: a member's card is new once an hour, is told to three others each time, and to nobody more than one a second. */
const FAN_OUT = 3
const CARDS_PER_SECOND = 1
/** Larger networks need fewer sources to say the same. */
const WORK = 400_000

/** Answers for a network of any size; the same each time. */
export function model(question: Question): Answer {
  const { members, closed, cheesesPerHour, transfersPerHour } = question
  const dice = new Dice(members)
  const graph = randomGraph(dice, members, OUTBOUND, closed)
  const degree = graph.to.length / members
  const sources = Math.max(1, Math.min(40, Math.ceil(WORK / graph.to.length)))
  const pushing = pushers(graph)
  const cheese: Float64Array[] = []
  const transfer: Float64Array[] = []
  let hops = 0
  let told = 0
  for (let i = 0; i < sources; i++) {
    const source = dice.below(members)
    const flown = spreadCheese(graph, source, pushing)
    cheese.push(flown.times)
    hops += flown.hops / sources
    const { times, announcements } = spreadTransfer(graph, source, dice)
    transfer.push(times)
    told += announcements / sources / members
  }
  const perSecond = transfersPerHour / 3600
  const inBatch = (mean: number) => 1 + (perSecond * mean) / 1000
  const batch = 2 / (1 / inBatch(ANNOUNCE.out) + 1 / inBatch(ANNOUNCE.in))
  const inCheese = transfersPerHour / cheesesPerHour
  const askEach = Math.min(MOST_CARDS, members)
  const news = question.young ? 0 : Math.min(FAN_OUT * members, degree * 3600 * CARDS_PER_SECOND)
  const asks = question.young ? asksPerHour(question.young) : members > DIRECTORY ? ASKS.often : ASKS.seldom
  const bytes = {
    cheeses: cheesesPerHour * (degree * onLine(FRAME + 6 + HEADER) + PUSHING * onLine(FRAME + COMPACT + SHORT_ID * inCheese)),
    transfers: transfersPerHour * onLine(FRAME + TRANSFER),
    inventories: transfersPerHour * ((told / batch) * onLine(FRAME + 2 + 32 * batch) + onLine(FRAME + 2 + 32)),
    cards: asks * (onLine(FRAME + 1 + askEach * (CARD + 2)) + onLine(FRAME)) + news * onLine(FRAME + 1 + 2 + CARD),
    pings: degree * 120 * 2 * onLine(FRAME + 8),
  }
  const listed = members - 1 <= TRACKER_SAMPLE.all ? members - 1 : TRACKER_SAMPLE.some
  const announceBytes = onLine(TRACKER_ASK) + onLine(TRACKER_HEAD + listed * TRACKER_ENTRY)
  const meanDelay = cheese.reduce((sum, times) => sum + times.reduce((all, at) => all + at, 0) / members, 0) / sources
  return {
    cheese: delays(cheese),
    transfer: delays(transfer),
    hops,
    logarithm: Math.log(members) / Math.log(degree),
    bytes,
    total: Object.values(bytes).reduce((sum, each) => sum + each, 0),
    tracker: {
      announcesPerSecond: members / ANNOUNCE_SECONDS,
      bytesPerSecond: (members / ANNOUNCE_SECONDS) * announceBytes,
      bytesPerMember: (3600 / ANNOUNCE_SECONDS) * announceBytes,
    },
    orphans: 1 - Math.exp(-(meanDelay / 1000) * (cheesesPerHour / 3600)),
  }
}

/** How often cards are asked for in a network whose members all started at once: each pause is about as long as all before it together, up to sixteen minutes. */
function asksPerHour({ from, to }: { readonly from: number; readonly to: number }): number {
  const longest = 16
  const doubling = Math.max(0, Math.log2(Math.min(to, longest) / from))
  return ((doubling + Math.max(0, to - longest) / longest) * 60) / (to - from)
}

/** Edges over which cheeses are pushed: from each node's nearest peers, which are those that are first. */
function pushers(graph: Graph): Uint8Array {
  const pushing = new Uint8Array(graph.to.length)
  for (let node = 0; node < graph.size; node++) {
    const edges: number[] = []
    for (let edge = graph.first[node] as number; edge < (graph.first[node + 1] as number); edge++) edges.push(edge)
    edges.sort((a, b) => (graph.delay[a] as number) - (graph.delay[b] as number))
    for (const edge of edges.slice(0, PUSHING)) pushing[graph.back[edge] as number] = 1
  }
  return pushing
}

/** A cheese is pushed whole in one way, or announced, asked for and sent in three. */
function spreadCheese(graph: Graph, source: number, pushing: Uint8Array): { readonly times: Float64Array; readonly hops: number } {
  const hop = (edge: number) => (pushing[edge] ? 1 : 3) * (graph.delay[edge] as number) * JITTER
  const times = firstPassage(graph, source, hop)
  // Nodes in the order of their times: each is one hop further than the neighbour that it came from.
  const order = Array.from({ length: graph.size }, (_, i) => i).sort((a, b) => (times[a] as number) - (times[b] as number))
  const far = new Int32Array(graph.size)
  let sum = 0
  for (const node of order) {
    for (let edge = graph.first[node] as number; edge < (graph.first[node + 1] as number); edge++) {
      const there = graph.to[edge] as number
      if (Math.abs((times[node] as number) + hop(edge) - (times[there] as number)) < 1e-6 && there !== source) far[there] = (far[node] as number) + 1
    }
    sum += far[node] as number
  }
  return { times, hops: sum / graph.size }
}

/** A transfer is announced after a random wait, asked for, and sent. Also counts the announcements: none to whom one came from before one had it. */
function spreadTransfer(graph: Graph, source: number, dice: Dice): { readonly times: Float64Array; readonly announcements: number } {
  const wait = (mean: number) => Math.min(dice.wait(mean), ANNOUNCE.longest * mean)
  // All who came in wait for the same moment.
  const forInbound = Float32Array.from({ length: graph.size }, () => wait(ANNOUNCE.in))
  const told = new Float32Array(graph.to.length)
  for (let node = 0; node < graph.size; node++) {
    for (let edge = graph.first[node] as number; edge < (graph.first[node + 1] as number); edge++) {
      told[edge] = (graph.dialled[edge] ? wait(ANNOUNCE.out) : (forInbound[node] as number)) + (graph.delay[edge] as number) * JITTER
    }
  }
  const times = firstPassage(graph, source, (edge) => (told[edge] as number) + 2 * (graph.delay[edge] as number) * JITTER)
  let announcements = 0
  for (let node = 0; node < graph.size; node++) {
    for (let edge = graph.first[node] as number; edge < (graph.first[node + 1] as number); edge++) {
      const there = graph.to[edge] as number
      const heard = (times[there] as number) + (told[graph.back[edge] as number] as number)
      if (heard >= (times[node] as number)) announcements++
    }
  }
  return { times, announcements }
}

function delays(runs: readonly Float64Array[]): Delays {
  const all = runs.flatMap((times) => [...times])
  const at = (share: number) => percentile(all, share) ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/**
 * Announces a second and memory for each member of a tracker, beside the npm package bittorrent-tracker's HTTP announce.
 *   npm run bench -- tracker                    with 1,000, 10,000 and 100,000 members
 *   TRACKER_MEMBERS=1000 npm run bench -- tracker
 * Both run in processes of their own; the same client sends ready-made requests over the same number of kept connections and reads the answers whole. Both
 * are asked for 50 others. All members are in one network, one swarm, and each has an address of its own (X-Forwarded-For, which both believe).
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { figure, median, Report, setting } from './lib/report.ts'
import { load } from './support/tracker-load.ts'
import { addressOf, type BenchMember, benchMember, sessionBody, signedBody, takeSession, theirRequest } from './support/tracker-members.ts'
import type { FromServer, Use } from './support/tracker-server.ts'

const CONNECTIONS = 32
/** Announces in one run: a second or so. bittorrent-tracker gets fewer where it takes milliseconds for each. */
const ANNOUNCES = setting('TRACKER_ANNOUNCES', 8_000)
const RUNS = setting('TRACKER_RUNS', 5)
const BYTES_GOAL = 2_048
const sizes = (process.env.TRACKER_MEMBERS ?? '1000,10000,100000').split(',').map(Number)

class Tracker {
  readonly child: ChildProcess
  port = 0
  empty: Use | undefined

  constructor(which: 'ours' | 'theirs') {
    this.child = fork(fileURLToPath(new URL('./support/tracker-server.ts', import.meta.url)), [which], {
      execArgv: ['--expose-gc', '--no-flush-bytecode'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
  }

  async open(): Promise<this> {
    const [message] = (await once(this.child, 'message')) as [FromServer]
    if ('port' in message) this.port = message.port
    return this
  }

  async use(): Promise<Use> {
    const answer = once(this.child, 'message') as Promise<[Use]>
    this.child.send({ what: 'use' })
    return (await answer)[0]
  }

  /** Lists members there without requests. */
  async fill(from: number, to: number): Promise<void> {
    const answer = once(this.child, 'message')
    this.child.send({ from, to })
    await answer
  }

  /** Sends requests; announces a second, processor time of the tracker for each in microseconds, bytes of an answer. */
  async run(count: number, request: (i: number) => Buffer, answered?: (i: number, body: string) => void) {
    const before = await this.use()
    const done = await load(this.port, count, CONNECTIONS, request, answered)
    const after = await this.use()
    if (done.good !== count) throw new Error(`${count - done.good} of ${count} announces were refused`)
    return { rate: count / done.seconds, micros: ((after.cpu - before.cpu) * 1e6) / count, bytes: done.bytes / count }
  }
}

function http(member: BenchMember, head: string, body: string): Buffer {
  return Buffer.from(
    `${head} HTTP/1.1\r\nHost: tracker:9876\r\nX-Forwarded-For: ${addressOf(member.index)}\r\n${body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`}\r\n${body}`,
  )
}

const post = (member: BenchMember, body: string) => http(member, 'POST /v1/announce', body)
const get = (member: BenchMember, event: 'started' | 'stopped' | '') => http(member, `GET ${theirRequest(member, event)}`, '')
const host = 'tracker:9876'
const now = () => Math.floor(Date.now() / 1000)

const report = new Report('tracker', 'A tracker: announces a second and memory for each member, beside bittorrent-tracker')
const [ours, theirs] = [await new Tracker('ours').open(), await new Tracker('theirs').open()]
try {
  const members: BenchMember[] = []
  /** When each member announced itself last: times must grow. */
  const last = new Uint32Array(Math.max(...sizes))
  const timeOf = (member: BenchMember) => (last[member.index] = Math.max(now() - 30, (last[member.index] ?? 0) + 1))
  let step = 0
  /** The next member whose turn it is, spread over all that there are. */
  const next = () => {
    step = (step + 7_919) % members.length
    return members[step] as BenchMember
  }

  // What running code takes is no member's share: some come and go before there is anybody.
  const early = Array.from({ length: 300 }, (_, i) => benchMember(900_000 + i, now() - 60))
  for (let turn = 0; turn < 12; turn++) {
    const event = turn === 0 ? 'started' : turn === 11 ? 'stopped' : 'update'
    const requests = early.map((member) => post(member, signedBody(member, { host, event, time: now() - 30 + turn })))
    await ours.run(early.length, (n) => requests[n] as Buffer)
    await theirs.run(early.length, (n) => get(early[n] as BenchMember, event === 'update' ? '' : event))
  }
  ours.empty = await ours.use()
  theirs.empty = await theirs.use()

  report.note(`A card is verified once, when it is new; each signed announce on the tracker's one thread. ${CONNECTIONS} kept connections.`)
  for (const size of sizes) {
    while (members.length < size) {
      const fresh = Array.from({ length: Math.min(5_000, size - members.length) }, (_, i) => benchMember(members.length + i, now() - 60))
      const requests = fresh.map((member) => post(member, signedBody(member, { host, event: 'started', time: timeOf(member) })))
      await ours.run(
        fresh.length,
        (i) => requests[i] as Buffer,
        (i, body) => {
          const { session } = JSON.parse(body) as { session: { id: string; key: string } }
          takeSession(fresh[i] as BenchMember, session.id, session.key)
        },
      )
      await theirs.run(1, () => get(fresh[0] as BenchMember, 'started'))
      await theirs.fill(members.length, members.length + fresh.length)
      members.push(...fresh)
    }
    report.heading(`${size.toLocaleString('en-US')} members`)
    const kinds = { session: [], usual: [], signed: [], theirs: [] } as Record<'session' | 'usual' | 'signed' | 'theirs', Awaited<ReturnType<Tracker['run']>>[]>
    const few = Math.max(200, Math.round(ANNOUNCES * Math.min(1, 2_000 / size)))
    for (let run = 0; run < RUNS; run++) {
      const prepared = (count: number, make: (member: BenchMember) => Buffer) => Array.from({ length: count }, () => make(next()))
      const inSession = prepared(ANNOUNCES, (member) => post(member, sessionBody(member, { host, time: timeOf(member), want: 50 })))
      const usual = prepared(ANNOUNCES, (member) => post(member, sessionBody(member, { host, time: timeOf(member) })))
      const signed = prepared(ANNOUNCES >> 1, (member) => post(member, signedBody(member, { host, event: 'update', time: timeOf(member) })))
      const rival = prepared(few, (member) => get(member, ''))
      kinds.session.push(await ours.run(inSession.length, (i) => inSession[i] as Buffer))
      kinds.theirs.push(await theirs.run(rival.length, (i) => rival[i] as Buffer))
      kinds.usual.push(await ours.run(usual.length, (i) => usual[i] as Buffer))
      kinds.signed.push(await ours.run(signed.length, (i) => signed[i] as Buffer))
    }
    const values = (kind: keyof typeof kinds, of: 'rate' | 'micros' | 'bytes') => kinds[kind].map((run) => run[of])
    const rate = {
      session: report.row('ours, in a session (MAC), 50 others asked for', values('session', 'rate'), 'announces/s').median,
      usual: report.row('ours, in a session, as members ask (15 others)', values('usual', 'rate'), 'announces/s').median,
      signed: report.row('ours, every announce signed, 50 others', values('signed', 'rate'), 'announces/s').median,
      theirs: report.row('bittorrent-tracker', values('theirs', 'rate'), 'announces/s').median,
    }
    const micros = {
      session: report.row('ours, in a session: processor time', values('session', 'micros'), 'µs/announce').median,
      usual: report.row('ours, as members ask: processor time', values('usual', 'micros'), 'µs/announce').median,
      signed: report.row('ours, signed: processor time', values('signed', 'micros'), 'µs/announce').median,
      theirs: report.row('bittorrent-tracker: processor time', values('theirs', 'micros'), 'µs/announce').median,
    }
    const named = size.toLocaleString('en-US')
    report.ratio(`announces/s with ${named}: ours in a session ÷ bittorrent-tracker`, rate.session / rate.theirs, { atLeast: 1 })
    report.ratio(`announces/s with ${named}: ours as members ask ÷ bittorrent-tracker`, rate.usual / rate.theirs)
    report.ratio(`announces/s with ${named}: ours signed ÷ bittorrent-tracker`, rate.signed / rate.theirs)
    report.ratio(`processor time with ${named}: bittorrent-tracker ÷ ours in a session`, micros.theirs / micros.session)
    report.ratio(`processor time with ${named}: bittorrent-tracker ÷ ours as members ask`, micros.theirs / micros.usual)
    const [mine, other] = [await ours.use(), await theirs.use()]
    const perMember = (use: Use, tracker: Tracker) => (use.bytes - (tracker.empty?.bytes ?? 0)) / size
    report.row('ours: memory', [perMember(mine, ours)], 'bytes/member')
    report.row('bittorrent-tracker: memory', [perMember(other, theirs)], 'bytes/member')
    report.ratio(`memory with ${named}: bytes for each member of ours ÷ 2,048`, perMember(mine, ours) / BYTES_GOAL, { atMost: 1 })
    report.note(
      `Bytes in an answer: ours ${figure(median(values('session', 'bytes')))} (50 cards), theirs ${figure(median(values('theirs', 'bytes')))} (50 addresses).`,
    )
    report.note(`Load of the machine: ${loadavg().map(figure).join(', ')}.`)
    // After each: filling the largest takes minutes.
    report.write()
  }
} finally {
  for (const { child } of [ours, theirs]) child.kill()
}

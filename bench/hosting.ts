/**
 * What hosting a tracker costs the member that hosts it: the delay of its main loop and its processor time, with members announcing themselves as they do.
 *   npm run bench -- hosting                     with 1,000 and 10,000 members
 *   HOSTING_MEMBERS=1000 npm run bench -- hosting
 * A real member in a process of its own hosts the tracker, while a face looks at its list at each change, as the window does. The others are keys and
 * requests at the pace that a tracker asks for (one announce every 45 s each), from addresses of their own in 127.0.0.0/8, in their sessions as
 * members are. Beside it, in the same run: the member that hosts nothing, and one whose tracker strangers flood with announces that are forged.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LoopDelay, openMember, watchLoop } from './lib/member.ts'
import { median, Report, setting } from './lib/report.ts'
import { type BenchMember, benchMember, sessionBody, signedBody, takeSession } from './support/tracker-members.ts'

const SECONDS = setting('HOSTING_SECONDS', 10)
const RUNS = setting('HOSTING_RUNS', 3)
const sizes = (process.env.HOSTING_MEMBERS ?? '1000,10000').split(',').map(Number)
/** Seconds between two announces of a member, in the middle. */
const INTERVAL = 45
const FLOOD_PER_SECOND = 400
/** What the delay's 99th percentile is held against, milliseconds: that of bench/loop.ts. */
const GOAL_MS = 50
/** Most of the main thread's time for a thousand members, percent. */
const GOAL_PERCENT = 5

interface Use extends LoopDelay {
  /** Percent of the main thread's time that it worked. */
  readonly busy: number
}

type ToMember = { readonly what: 'measure' } | { readonly what: 'end' }

/** The member: hosts a tracker, and tells of its loop when it is asked. */
async function beMember(folder: string, hosts: boolean): Promise<void> {
  const member = await openMember(folder)
  const hosted = hosts ? await member.service.tracker.host({ listen: '0.0.0.0:0' }) : undefined
  const abort = new AbortController()
  const face = (async () => {
    for await (const { type } of member.service.events(abort.signal)) if (type === 'tracker') await member.service.tracker.status(undefined)
  })()
  process.on('message', async ({ what }: ToMember) => {
    if (what === 'measure') {
      const stop = watchLoop()
      const [began, before] = [performance.now(), process.threadCpuUsage()]
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
      const { user, system } = process.threadCpuUsage(before)
      const busy = (user + system) / 10 / (performance.now() - began)
      process.send?.({ ...stop(), busy })
    } else {
      abort.abort()
      await face
      await member.close()
      process.disconnect()
    }
  })
  process.send?.({ port: hosted?.port ?? 0 })
}

class Hosting {
  readonly #child: ChildProcess
  readonly #folder = mkdtempSync(join(tmpdir(), 'cheese-hosting-'))
  readonly #agent = new Agent({ keepAlive: false })
  port = 0

  constructor(hosts: boolean) {
    this.#child = fork(fileURLToPath(import.meta.url), ['--member', this.#folder, hosts ? 'hosts' : 'alone'])
  }

  async open(): Promise<this> {
    const [{ port }] = (await once(this.#child, 'message')) as [{ port: number }]
    this.port = port
    return this
  }

  async measure(): Promise<Use> {
    const answer = once(this.#child, 'message') as Promise<[Use]>
    this.#child.send({ what: 'measure' } satisfies ToMember)
    return (await answer)[0]
  }

  /** Posts an announce from an address of `index`'s own; its status and body. */
  post(index: number, body: string): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const localAddress = `127.${1 + (index >> 14)}.${(index >> 6) & 255}.${1 + (index & 63)}`
      const options = {
        port: this.port,
        host: '127.0.0.1',
        localAddress,
        agent: this.#agent,
        method: 'POST',
        path: '/v1/announce',
        headers: { host: this.host },
      }
      const request = httpRequest(options, (response) => {
        let text = ''
        response.setEncoding('latin1').on('data', (part: string) => {
          text += part
        })
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      })
      request.once('error', reject)
      request.end(body)
    })
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  async close(): Promise<void> {
    this.#child.send({ what: 'end' } satisfies ToMember)
    await once(this.#child, 'exit')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Runs `job` so many times a second, whatever each takes, until it is stopped; how many failed comes back. */
function atPace(perSecond: number, job: (n: number) => Promise<boolean>): () => Promise<number> {
  const began = performance.now()
  const under = new Set<Promise<void>>()
  let [started, failed] = [0, 0]
  const timer = setInterval(() => {
    for (const due = ((performance.now() - began) / 1000) * perSecond; started < due; started++) {
      const one: Promise<void> = job(started).then(
        (good) => {
          if (!good) failed++
        },
        () => {
          failed++
        },
      )
      under.add(one)
      void one.finally(() => under.delete(one))
    }
  }, 5)
  return async () => {
    clearInterval(timer)
    await Promise.all(under)
    return failed
  }
}

const now = () => Math.floor(Date.now() / 1000)

/** Registers a member with a signed announce. */
async function register(hosting: Hosting, member: BenchMember, tries = 3): Promise<void> {
  const { status, body } = await hosting.post(member.index, signedBody(member, { host: hosting.host, event: 'started', time: now() }))
  // A machine that is busy with something else lets a request lie for longer than a tracker waits.
  if (status === 408 && tries > 1) return register(hosting, member, tries - 1)
  if (status !== 200) throw new Error(`a member was refused: ${status} ${body}`)
  const { session } = JSON.parse(body) as { session: { id: string; key: string } }
  takeSession(member, session.id, session.key)
}

/** Registers members until there are `size`, a few at a time. */
async function fill(hosting: Hosting, members: BenchMember[], size: number): Promise<void> {
  for (let from = members.length; from < size; from += 32) {
    const more = Array.from({ length: Math.min(32, size - from) }, (_, i) => benchMember(from + i, now() - 60))
    await Promise.all(more.map((member) => register(hosting, member)))
    members.push(...more)
  }
}

async function main(): Promise<void> {
  const report = new Report('hosting', 'What hosting a tracker costs the member that hosts it')
  const uses = new Map<string, Use[]>()
  const add = (name: string, use: Use) => uses.set(name, [...(uses.get(name) ?? []), use])
  const [alone, hosting] = [await new Hosting(false).open(), await new Hosting(true).open()]
  try {
    const members: BenchMember[] = []
    for (const size of sizes) {
      await fill(hosting, members, size)
      // Each member's turn comes round. Whoever was forgotten while others were registered joins again, as members do.
      let turn = 0
      const stop = atPace(size / INTERVAL, async () => {
        const member = members[turn++ % size] as BenchMember
        const { status, body } = await hosting.post(member.index, sessionBody(member, { host: hosting.host, time: now() }))
        if (status === 200) return true
        if (!body.includes('no-session')) return false
        await register(hosting, member)
        return true
      })
      for (let run = 0; run < RUNS; run++) {
        add('hosts nothing', await alone.measure())
        add(`${size.toLocaleString('en-US')} members announce`, await hosting.measure())
      }
      const failed = await stop()
      // On a machine that is busy with something else a request may lie for longer than the tracker waits.
      if (failed > 0.01 * turn) throw new Error(`${failed} of ${turn} announces were refused`)
      if (failed > 0) report.note(`${failed} of ${turn} announces were refused or came too late`)
    }
    const [forger] = members
    if (!forger) throw new Error('there is no member')
    const forged = signedBody(forger, { host: hosting.host, event: 'update', time: now() + 60 }).replace(/"signature":"....../, '"signature":"AAAAAA')
    for (let run = 0; run < RUNS; run++) {
      const stop = atPace(FLOOD_PER_SECOND, async (n) => (await hosting.post(20_000 + (n % 8_000), forged)).status !== 200)
      add(`${FLOOD_PER_SECOND} forged announces a second`, await hosting.measure())
      const taken = await stop()
      if (taken > 0) throw new Error(`${taken} forged announces were taken, or not answered`)
    }
    for (const [name, all] of uses) {
      report.heading(name)
      report.row(
        `${name}: main thread works`,
        all.map(({ busy }) => busy),
        '%',
      )
      report.row(
        `${name}: delay of the main loop, p99`,
        all.map(({ p99 }) => p99),
        'ms',
      )
      report.row(
        `${name}: delay of the main loop, longest`,
        all.map(({ max }) => max),
        'ms',
      )
    }
    const middle = (name: string, of: 'busy' | 'p99') => median((uses.get(name) ?? []).map((use) => use[of]))
    const [first] = sizes
    const name = `${(first ?? 0).toLocaleString('en-US')} members announce`
    report.ratio(`main thread's time for ${name}, of what may be`, (middle(name, 'busy') - middle('hosts nothing', 'busy')) / GOAL_PERCENT, { atMost: 1 })
    for (const each of uses.keys()) report.ratio(`p99 of the delay, ${each}, of ${GOAL_MS} ms`, middle(each, 'p99') / GOAL_MS, { atMost: 1 })
    report.write()
  } finally {
    await hosting.close()
    await alone.close()
  }
}

const [flag, folder, hosts] = process.argv.slice(2)
if (flag === '--member' && folder !== undefined) await beMember(folder, hosts === 'hosts')
else await main()

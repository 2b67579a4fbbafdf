// npm run soak -- [SECONDS] [SEED]: a tracker and four members on regtest do at random what people and fate do: mine, pay,
// hang up, quit, lose power. At the end all must stand on one tip, no crumb may be missing, and every stack must verify.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpClient } from '../src/api/carriers/client.ts'
import { ensureBuilt } from './lib/build.mjs'
import { assertPinnedNode, root, say } from './lib/root.mjs'

const SUBSIDY = 5_000_000_000n
const MEMBERS = ['Ada', 'Ben', 'Cleo', 'Dan']

assertPinnedNode()
await ensureBuilt()
const seconds = Number(process.argv[2] ?? 120)
let state = Number(process.argv[3] ?? Date.now() % 1_000_000)
say(`Soaking for ${seconds} s with seed ${state}.`)

/** Numbers in [0, 1) from the seed (mulberry32). */
function random() {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const pick = (list) => list[Math.floor(random() * list.length)]

const home = mkdtempSync(join(tmpdir(), 'cheese-soak-'))
writeFileSync(join(home, 'passphrase'), 'soaking in brine\n', { mode: 0o600 })
const cheese = (args, options) => spawn(process.execPath, [join(root, 'out/main/cli.js'), ...args, '--json'], options)

async function until(what, condition, limit = 60) {
  const end = Date.now() + limit * 1000
  for (let last; ; ) {
    try {
      const value = await condition()
      if (value) return value
    } catch (error) {
      last = error
    }
    if (Date.now() > end) throw new Error(`waited ${limit} s in vain until ${what}`, { cause: last })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function start(args, log) {
  const child = cheese(args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-20_000)
    for (const line of text.split('\n')) if (/ (warn|error) /.test(line)) log.push(line)
  })
  const line = await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', resolve)
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors}`)))
  })
  return { child, ready: JSON.parse(line) }
}

const log = []
const tracker = await start(['tracker', '--listen', '127.0.0.1:0'], log)
const url = `http://${tracker.ready.listen}`

class Soaked {
  constructor(name) {
    this.name = name
    this.dataDir = join(home, name)
  }

  async start() {
    const { child, ready } = await start(
      [
        'member',
        '--network',
        'regtest',
        '--data-dir',
        this.dataDir,
        '--listen',
        '127.0.0.1:0',
        '--api',
        '127.0.0.1:0',
        '--tracker',
        url,
        '--nickname',
        this.name,
      ].concat(['--pace', '0.5', '--init', '--passphrase-file', join(home, 'passphrase')]),
      log,
    )
    this.child = child
    this.ready = ready
    this.client = httpClient(JSON.parse(readFileSync(join(this.dataDir, 'api.json'), 'utf8')))
  }

  async end(signal) {
    const ended = once(this.child, 'exit')
    this.child.kill(signal)
    const [code] = await ended
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`${this.name} ended with ${code}`)
  }
}

const members = MEMBERS.map((name) => new Soaked(name))
await Promise.all(members.map((member) => member.start()))
const done = {}

/** What can be answered with a refusal, honestly. */
const refusals = ['INSUFFICIENT_FUNDS', 'UNKNOWN_RECIPIENT', 'REJECTED', 'NOT_FOUND', 'PEER_UNREACHABLE', 'KEY_CHANGED', 'BUSY']
const actions = {
  mine: (m) => m.client.mining.set({ on: true, threads: 1, consent: true }),
  rest: (m) => m.client.mining.set({ on: false }),
  pay: (m) =>
    m.client.wallet.send({ to: pick(members.filter((other) => other !== m)).name, amount: String(100_000 + Math.floor(random() * 1e9)), memo: 'soak' }),
  payAddress: (m) => m.client.wallet.send({ to: pick(members).ready.address, amount: String(100_000 + Math.floor(random() * 1e9)) }),
  hangUp: async (m) => {
    for (const { memberId } of await m.client.peers.list()) await m.client.peers.disconnect({ memberId })
  },
  look: async (m) => {
    const { entries } = await m.client.wallet.history({ limit: 50 })
    for (const { id } of entries.slice(0, 3)) if (id) await m.client.wallet.journey({ id })
    await m.client.members()
    await m.client.stack.list({ count: 50 })
  },
  quit: async (m) => {
    await m.end('SIGTERM')
    await m.start()
  },
  powerCut: async (m) => {
    await m.end('SIGKILL')
    await m.start()
  },
}
const deck = ['mine', 'mine', 'rest', 'pay', 'pay', 'pay', 'payAddress', 'payAddress', 'look', 'look', 'hangUp', 'quit', 'powerCut']

const end = Date.now() + seconds * 1000
let failed
try {
  while (Date.now() < end) {
    const name = pick(deck)
    try {
      await actions[name](pick(members))
      done[name] = (done[name] ?? 0) + 1
    } catch (error) {
      if (!refusals.includes(error.code)) throw error
      done[error.code] = (done[error.code] ?? 0) + 1
    }
  }
  for (const member of members) await member.client.mining.set({ on: false })
  const agree = () =>
    until('all stand on one tip with nothing waiting', async () => {
      const all = await Promise.all(members.map((member) => member.client.status()))
      return all.every(({ tip }) => tip === all[0].tip) && all[0]
    })
  await until(
    'every payment is in a cheese',
    async () => {
      await members[0].client.mining.generate({ count: 1 })
      await agree()
      const all = await Promise.all(members.map((member) => member.client.status()))
      return all.every(({ mempool }) => mempool === 0)
    },
    120,
  )
  const { height, tip } = await agree()
  let total = 0n
  for (const { ready } of members) {
    const page = await members[0].client.stack.show({ query: ready.address })
    total += BigInt(page.balance) + BigInt(page.ripening)
  }
  if (total !== BigInt(height) * SUBSIDY) throw new Error(`${total} crumbs are there, and ${BigInt(height) * SUBSIDY} were mined`)
  for (const member of members) await member.end('SIGTERM')
  for (const { name, dataDir } of members) {
    const child = cheese(['verify', '--data-dir', dataDir, '--network', 'regtest'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (more) => {
      text += more
    })
    const [code] = await once(child, 'close')
    if (code !== 0 || JSON.parse(text).tip !== tip) throw new Error(`the stack of ${name} does not verify: ${text}`)
  }
  say(`${height} cheeses, no crumb lost. Done: ${JSON.stringify(done)}`)
} catch (error) {
  failed = error
}
const unusual = [...new Set(log.map((line) => line.replace(/^\S+ /, '').replace(/[0-9a-f]{16,}|\d+/g, '…')))]
for (const line of unusual.slice(0, 40)) say(`logged: ${line.slice(0, 300)}`)
for (const { child } of [tracker, ...members]) child?.kill('SIGKILL')
if (failed) {
  say(`FAILED (data kept in ${home}): ${failed.stack}${failed.cause ? `\ncause: ${failed.cause.stack ?? failed.cause}` : ''}`)
  process.exit(1)
}
rmSync(home, { recursive: true, force: true })

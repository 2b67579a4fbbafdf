import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../api/errors.ts'
import { fakeService, idleStatus } from '../api/testing/fake-service.ts'
import { layoutFrom } from '../server/layout.ts'
import { type MemberServer, openServer } from '../server/server.ts'
import { silent } from '../util/ports.ts'
import type { Io } from './io.ts'
import { run } from './run.ts'

const layout = layoutFrom(new URL('./index.ts', import.meta.url).href)
let folder: string
let server: MemberServer | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cheese-cli-'))
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(folder, { recursive: true })
})

/** @param secrets what the person at the terminal answers; without it there is nobody */
async function cheese(args: readonly string[], secrets?: string[]) {
  let [out, err] = ['', '']
  const io: Io = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    interactive: secrets !== undefined,
    styled: false,
    ask: async (question) => {
      err += question
      return secrets?.shift() ?? ''
    },
    askSecret: async () => secrets?.shift() ?? '',
    interrupted: new Promise(() => undefined),
  }
  const code = await run(args, io, layout)
  return { code, out, err }
}

/** A running member that does what `overrides` say, in the data folder of this test. */
async function serve(overrides: Parameters<typeof fakeService>[0] = {}): Promise<void> {
  server = await openServer({ service: fakeService(overrides), listen: '127.0.0.1:0', version: '', dataDir: folder, log: silent })
}

/** Gives `result`, with `input` noted. */
function noted<T>(list: unknown[], input: unknown, result: T): T {
  list.push(input)
  return result
}

const control = (...args: string[]) => [...args, '--data-dir', folder, '--network', 'regtest']
const SENT = { id: 'ab', to: 'rcheese1bob', amount: '150000000', fee: '10', sequence: 3, expiry: 0 }

describe('bad usage', () => {
  it.each([
    [[], /Say what to do/],
    [['nope'], /unknown command 'nope' \(see "cheese --help"\)/],
    [['--nope'], /unknown option '--nope'/],
    [['status', '--nope'], /see "cheese status --help"/],
    [['status', 'extra'], /too many arguments/],
    [['status', '--network', 'mainnet'], /Allowed choices are main, test, regtest/],
    [['status', '--api', '9000'], /HOST:PORT/],
    [['send', 'Bob'], /missing required argument 'amount'/],
    [['send', 'Bob', '1.123456789'], /eight decimals/],
    [['send', 'Bob', '1e3'], /number of cheese/],
    [['send', 'Bob', '1', '--fee', 'much'], /number of cheese/],
    [['send', 'Bob', '1', '--expires', '-1'], /a height/],
    [['mine', 'maybe'], /Say on or off, set, own or chart/],
    [['mine', 'on', '--threads', '0'], /from 1 to 256/],
    [['peers', 'ban', 'Bob', '--hours', '0'], /a number of hours above 0/],
    [['peers', 'disconnect', 'abc'], /at least 8 digits/],
    [['generate', '0'], /from 1 to 10000/],
    [['generate', '1.5'], /from 1 to 10000/],
    [['stack', '--count', '0'], /from 1 to 10000/],
    [['member', '--pace', '2'], /--pace is for regtest alone/],
    [['member', '--network', 'regtest', '--pace', 'slow'], /number of seconds/],
    [['member', '--cache-mb', '3'], /number of megabytes from 4 to/],
    [['member', '--init'], /--passphrase-file/],
    [['restore'], /required option '--words-file/],
    [['dump'], /required option '--out/],
    [['load'], /required option '--in/],
  ])('%j exits with 2 and one line', async (args, message) => {
    for (const given of [args, [...args, '--json']]) {
      const { code, out, err } = await cheese(given)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toMatch(message)
      expect(err.trimEnd().split('\n')).toHaveLength(1)
      if (args.length === 0) break
    }
  })
})

describe('help', () => {
  it('lists every command, and each command knows --json', async () => {
    const { code, out, err } = await cheese(['--help'])
    expect([code, err]).toEqual([0, ''])
    const commands = [
      'member',
      'tracker',
      'status',
      'balance',
      'send',
      'members',
      'peers',
      'trackers',
      'mine',
      'generate',
      'stack',
      'show',
      'history',
      'contacts',
      'stop',
      'words',
      'restore',
      'verify',
      'dump',
      'load',
    ]
    for (const command of commands) {
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'))
      const help = await cheese([command, '--help'])
      expect(help.code).toBe(0)
      expect(help.out).toContain('--json')
    }
    expect((await cheese(['contacts', 'add', '--help'])).out).toContain('--data-dir')
    expect((await cheese(['--version'])).out).toBe(`${layout.version}\n`)
  })
})

describe('against a running member', () => {
  it('says what to do when none runs', async () => {
    const { code, out, err } = await cheese(control('status', '--json'))
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`No member runs in ${folder}: start one with "cheese member --network regtest --data-dir ${folder}"`)
  })

  it('says so when one ran and was killed', async () => {
    await writeFile(join(folder, 'api.json'), JSON.stringify({ endpoint: '127.0.0.1:9', token: 'x', pid: 1 }))
    const { code, err } = await cheese(control('status'))
    expect(code).toBe(1)
    expect(err).toMatch(/Nothing answers at 127\.0\.0\.1:9: .* has ended/)
  })

  it('says where the member listens when --api is wrong', async () => {
    await serve()
    const { code, out, err } = await cheese(control('status', '--api', '127.0.0.1:9', '--json'))
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`Nothing answers at 127.0.0.1:9: the member in ${folder} listens at ${server?.endpoint}.`)
  })

  it('says so when the token is another member’s', async () => {
    await serve()
    const other = await mkdtemp(join(tmpdir(), 'cheese-cli-other-'))
    await writeFile(join(other, 'api.json'), JSON.stringify({ endpoint: '127.0.0.1:9', token: 'x', pid: 1 }))
    const { code, err } = await cheese(['status', '--data-dir', other, '--api', server?.endpoint ?? ''])
    await rm(other, { recursive: true })
    expect(code).toBe(1)
    expect(err).toContain('does not know the token')
  })

  it('answers with one JSON document or a text for people', async () => {
    await serve()
    const json = await cheese(control('status', '--json'))
    expect([json.code, json.err]).toEqual([0, ''])
    expect(JSON.parse(json.out)).toEqual(idleStatus)
    expect((await cheese(control('status'))).out).toContain('1.5 cheese spendable, 0 ripening, 0.00000001 pending')
    expect(JSON.parse((await cheese(control('balance', '--json'))).out)).toEqual(idleStatus.balance)
  })

  it('says how far a sync is, and who serves', async () => {
    const servers = [{ memberId: 'ab', nickname: 'Alice\u001b[31m', cheeses: 3, bytesPerSecond: 7 }]
    const sync = { ...idleStatus.sync, stage: 'bodies' as const, height: 7, bestHeight: 700, cheesesPerSecond: 4.5, secondsLeft: 154, progress: 0.03, servers }
    await serve({ status: async () => ({ ...idleStatus, syncing: true, sync }) })
    const { out } = await cheese(control('status'))
    expect(out).toMatch(/^Sync +3 %, Cheeses 7 of 700 \(step 3 of 3\), 4.5 cheeses\/s, about 3 minutes left, from Alice\ufffd\[31m$/m)
  })

  it('passes on what the member refuses, in its words and in one line', async () => {
    await serve({ members: () => Promise.reject(new Failure('BUSY', 'Too much at once.\nTry again.')) })
    expect(await cheese(control('members', '--json'))).toEqual({ code: 1, out: '', err: 'cheese: Too much at once. Try again.\n' })
  })

  it('sends what was asked, in crumbs', async () => {
    const asked: unknown[] = []
    await serve({ wallet: { send: async (input) => noted(asked, input, SENT) } })
    await writeFile(join(folder, 'pw'), 'horse battery\n')
    const { code, out } = await cheese(
      control('send', 'Bob', '1.5', '--fee', '0.0000001', '--memo', 'for tea', '--expires', '0', '--passphrase-file', join(folder, 'pw'), '--json'),
    )
    expect([code, JSON.parse(out)]).toEqual([0, SENT])
    expect(asked).toEqual([{ to: 'Bob', amount: '150000000', fee: '10', memo: 'for tea', expires: 0, passphrase: 'horse battery' }])
  })

  it('asks for the passphrase of a locked wallet on a terminal, and fails without one', async () => {
    await serve({
      wallet: {
        send: async ({ passphrase }) => {
          if (passphrase === undefined) throw new Failure('WALLET_LOCKED', 'Locked.')
          if (passphrase !== 'right') throw new Failure('WRONG_PASSPHRASE', 'That is not the passphrase.')
          return SENT
        },
      },
    })
    expect((await cheese(control('send', 'Bob', '1.5'), ['right'])).code).toBe(0)
    expect((await cheese(control('send', 'Bob', '1.5'), ['wrong'])).err).toBe('cheese: That is not the passphrase.\n')
    const alone = await cheese(control('send', 'Bob', '1.5', '--json'))
    expect([alone.code, alone.out]).toEqual([1, ''])
    expect(alone.err).toContain('--passphrase-file FILE')
  })

  it('reads a long history page by page', async () => {
    const all = Array.from({ length: 1203 }, (_, i) => ({
      kind: 'reward' as const,
      state: 'confirmed' as const,
      smell: '00',
      amount: String(i),
      fee: '0',
      counterparty: null,
      name: null,
      memo: '',
      height: i,
      confirmations: 1,
      time: 0,
    }))
    await serve({ wallet: { history: async ({ offset = 0, limit = 100 }) => ({ total: all.length, entries: all.slice(offset, offset + limit) }) } })
    const { out } = await cheese(control('history', '--json'))
    expect((JSON.parse(out) as { height: number }[]).map(({ height }) => height)).toEqual(all.map(({ height }) => height))
    expect(JSON.parse((await cheese(control('history', '--json', '--count', '2'))).out)).toHaveLength(2)
  })

  it('reads the stack down from a height, and not below the blue cheese', async () => {
    const cheeseAt = (height: number) => ({ height, smell: '00', time: 0, miner: 'rcheese1m', reward: '5', transfers: 0, size: 157 })
    await serve({ stack: { list: async ({ from = 700, count = 20 }) => Array.from({ length: Math.min(count, from + 1) }, (_, i) => cheeseAt(from - i)) } })
    const heights = async (...args: string[]) =>
      (JSON.parse((await cheese(control('stack', '--json', ...args))).out) as { height: number }[]).map(({ height }) => height)
    expect(await heights('--count', '3')).toEqual([700, 699, 698])
    expect(await heights('--from', '1', '--count', '10')).toEqual([1, 0])
    expect(await heights('--count', '1000')).toEqual(Array.from({ length: 701 }, (_, i) => 700 - i))
  })

  describe('mine', () => {
    const { mining } = idleStatus
    /** A member that mines as it is told; what it was told is in `asked`. */
    async function miner(status: Partial<typeof idleStatus> = {}) {
      const asked: unknown[] = []
      const whole = { ...idleStatus, ...status }
      await serve({
        status: async () => whole,
        mining: {
          status: async () => whole.mining,
          set: async (input) => noted(asked, input, { ...whole.mining, on: input.on ?? false, threads: input.threads ?? 1 }),
        },
      })
      return asked
    }

    it('goes on and off; on regtest without a question', async () => {
      const asked = await miner()
      expect(JSON.parse((await cheese(control('mine', 'on', '--threads', '2', '--json'))).out)).toEqual({ on: true, threads: 2 })
      expect((await cheese(control('mine', 'off'))).out).toBe('Mining is off.\n')
      expect(asked).toEqual([{ on: true, threads: 2, consent: true }, { on: false }])
    })

    it('is agreed to elsewhere: on the terminal, or with --agree', async () => {
      const asked = await miner({ network: 'main' })
      const silent = await cheese(control('mine', 'on'))
      expect([silent.code, silent.out, asked]).toEqual([2, '', []])
      expect(silent.err).toMatch(/full load.*fans.*electricity.*battery.*chance.*stop it at any time.*add --agree/)
      const no = await cheese(control('mine', 'on'), ['n'])
      expect([no.code, asked]).toEqual([1, []])
      expect(no.err).toContain('Let this computer mine? [y/N] ')
      expect((await cheese(control('mine', 'on'), [''])).code).toBe(1)
      expect((await cheese(control('mine', 'on', '--threads', '2'), ['Y'])).code).toBe(0)
      expect((await cheese(control('mine', 'on', '--agree'))).code).toBe(0)
      expect((await cheese(control('mine', 'set', '--auto-start', 'on'))).code).toBe(2)
      expect(asked).toEqual([
        { on: true, threads: 2, consent: true },
        { on: true, consent: true },
      ])
    })

    it('is not asked about twice', async () => {
      const asked = await miner({ network: 'main', mining: { ...mining, consented: true } })
      expect((await cheese(control('mine', 'on'))).code).toBe(0)
      expect(asked).toEqual([{ on: true }])
    })

    it('is set, each choice by itself', async () => {
      const asked = await miner()
      const set = await cheese(
        control('mine', 'set', '--intensity', '50', '--battery', 'on', '--idle', 'off', '--idle-minutes', '9', '--kernel', 'wasm', '--auto-start', 'off'),
      )
      expect([set.code, asked]).toEqual([0, [{ intensity: 50, mineOnBattery: true, onlyWhenIdle: false, idleMinutes: 9, kernel: 'wasm', autoStart: false }]])
      expect((await cheese(control('mine', 'set'))).err).toMatch(/Say what to set/)
    })

    it('says how it goes, and why it rests', async () => {
      await miner({
        mining: {
          ...mining,
          on: true,
          hashRate: 2e6,
          hashRate10m: 1.5e6,
          expectedSeconds: 7200,
          chanceNextHour: 0.393,
          luck: { found: 3, expected: 2.5, since: 0 },
          tries: 1000,
          staleTries: 5,
          stale: 1,
          energy: { watts: 12, basis: 'guessed' },
        },
      })
      const { out } = await cheese(control('mine'))
      for (const words of [
        '2.0 MH/s over 10 seconds, 1.5 MH/s over 10 minutes',
        '2 hours on average',
        '39.3 % chance',
        'found 3 where 2.50',
        '0.50 % of the tries',
        'about 12 W',
      ])
        expect(out).toContain(words)
      await server?.close()
      await miner({ mining: { ...mining, on: true, resting: 'battery' } })
      expect((await cheese(control('mine'))).out).toContain('on, resting: the machine runs on battery')
      expect((await cheese(control('status'))).out).toContain('on, resting: the machine runs on battery')
    })

    it('shows own cheeses and the last hour', async () => {
      const own = {
        found: 2,
        ripening: 0,
        ripened: 1,
        orphaned: 1,
        cheeses: [{ height: 9, smell: 'ab'.repeat(32), time: 0, amount: '5000000000', state: 'orphaned' as const, ripensAt: 11 }],
      }
      const asked: unknown[] = []
      await serve({
        mining: { own: async (input) => noted(asked, input, own), chart: async () => ({ everySeconds: 10, points: [{ at: 1_800_000_000, hashRate: 1500 }] }) },
      })
      expect((await cheese(control('mine', 'own', '--count', '1'))).out).toMatch(/2 found: 1 ripened, 0 ripening, 1 orphaned\.\n(.*\n)+.*orphaned +11\n/)
      expect(JSON.parse((await cheese(control('mine', 'own', '--json'))).out)).toEqual(own)
      expect(asked).toEqual([
        { offset: 0, limit: 1 },
        { offset: 0, limit: 20 },
      ])
      expect((await cheese(control('mine', 'chart'))).out).toContain('1.5 kH/s')
    })
  })

  it('dials, hangs up on, bans and forgets peers, named by the beginning of their id', async () => {
    const peer = { memberId: 'ab'.repeat(32), nickname: 'Bob', endpoint: '192.0.2.7:9875', direction: 'out' as const, latencyMs: null, bytesIn: 0, bytesOut: 0 }
    const bob = {
      ...peer,
      height: 1,
      reputation: 80,
      version: 'x',
      connectedAt: 0,
      offences: [],
      manual: true,
      protocol: 1,
      relay: 'full' as const,
      group: null,
    }
    const ban = { id: '3', memberId: bob.memberId, address: null, nickname: 'Bob', reason: 'rude', kind: 'manual', since: 0, until: 7_200 }
    const asked: unknown[] = []
    await serve({
      peers: {
        list: async () => [bob, { ...bob, memberId: 'abababab'.repeat(7) + 'cd'.repeat(4) }],
        connect: async (input) => noted(asked, input, bob),
        disconnect: async (input) => noted(asked, input, { disconnected: true }),
        forget: async (input) => noted(asked, input, { forgotten: true }),
        kept: async () => [bob.endpoint],
        ban: async (input) => noted(asked, input, ban),
        unban: async (input) => noted(asked, input, { unbanned: true }),
        bans: async () => [ban],
        book: async () => ({ fresh: 4, tried: 3, groups: 2, anchors: 1 }),
      },
    })
    const json = async (...args: string[]) => JSON.parse((await cheese(control('peers', ...args, '--json'))).out)
    expect(await json('add', '192.0.2.7:9875', '--keep')).toEqual(bob)
    expect(await json('kept')).toEqual([bob.endpoint])
    expect(await json('forget', '192.0.2.7:9875')).toEqual({ forgotten: true })
    expect(await json('disconnect', bob.memberId.slice(0, 60))).toEqual({ disconnected: true })
    expect(await json('ban', bob.memberId, '--hours', '2', '--reason', 'rude')).toEqual(ban)
    expect(await json('ban', '192.0.2.0/24')).toEqual(ban)
    expect(await json('bans')).toEqual([ban])
    expect(await json('unban', '3')).toEqual({ unbanned: true })
    expect(await json('book')).toEqual({ fresh: 4, tried: 3, groups: 2, anchors: 1 })
    expect(asked).toEqual([
      { endpoint: '192.0.2.7:9875', keep: true },
      { endpoint: '192.0.2.7:9875' },
      { memberId: bob.memberId },
      { memberId: bob.memberId, hours: 2, reason: 'rude' },
      { address: '192.0.2.0/24', hours: 24 },
      { id: '3' },
    ])
    expect((await cheese(control('peers', 'disconnect', 'abababab'))).err).toMatch(/2 connected members .* give more digits/)
    expect((await cheese(control('peers', 'disconnect', 'cdcdcdcd'))).err).toMatch(/No member whose id begins with cdcdcdcd is connected/)
    expect((await cheese(control('peers', 'bans'))).out).toMatch(/3 +Bob +abababababab .* rude/)
  })

  it('joins, leaves and hosts trackers', async () => {
    const url = 'http://192.0.2.7:9876'
    const joined = { url, state: 'failing' as const, lastAnswer: null, error: 'Nobody answers there.', failingSince: 1, reachable: null, own: false }
    const selfTest = { state: 'closed' as const, words: 'Nobody outside reaches it.', repair: 'Forward TCP port 9876.', checkedAt: 1 }
    const hosted = { listen: '[::]:9876', port: 9876, urls: [url], link: 'cheese-tracker:192.0.2.7:9876', selfTest, startWithApp: false, total: 1, members: [] }
    const asked: unknown[] = []
    await serve({
      tracker: {
        status: async () => ({ hosting: hosted, joined: [joined] }),
        host: async (input) => noted(asked, input, hosted),
        unhost: async (input) => noted(asked, input, { stopped: true }),
        check: async () => hosted,
        join: async (input) => noted(asked, input, joined),
        leave: async (input) => noted(asked, input, { left: true }),
      },
    })
    const json = async (...args: string[]) => JSON.parse((await cheese(control('trackers', ...args, '--json'))).out)
    expect(await json()).toEqual({ hosting: hosted, joined: [joined] })
    expect(await json('join', 'cheese-tracker:192.0.2.7:9876')).toEqual(joined)
    expect(await json('leave', url)).toEqual({ left: true })
    expect(await json('host', '--listen', '127.0.0.1:9876', '--once')).toEqual(hosted)
    expect(await json('host')).toEqual(hosted)
    expect(await json('check')).toEqual(hosted)
    expect(await json('unhost')).toEqual({ stopped: true })
    expect(asked).toEqual([
      { url: 'cheese-tracker:192.0.2.7:9876' },
      { url },
      { listen: '127.0.0.1:9876', startWithApp: false },
      { listen: '[::]:9876', startWithApp: true },
      undefined,
    ])
    const { out } = await cheese(control('trackers'))
    expect(out).toMatch(/192\.0\.2\.7:9876 +does not answer \(it never did\): Nobody answers there\./)
    expect(out).toMatch(/cheese-tracker:192\.0\.2\.7:9876/)
    expect(out).toMatch(/Nobody outside reaches it\. Forward TCP port 9876\./)
    expect((await cheese(control('trackers', 'host', '--listen', '9876'))).code).toBe(2)
  })

  it('keeps contacts', async () => {
    const bob = { name: 'Bob', address: 'rcheese1bob', pinnedKey: null, addedAt: 0 }
    const asked: unknown[] = []
    await serve({
      contacts: {
        list: async () => [bob],
        add: async (input) => noted(asked, input, bob),
        remove: async (input) => noted(asked, input, { removed: true as const }),
      },
    })
    expect(JSON.parse((await cheese(control('contacts', '--json'))).out)).toEqual([bob])
    expect(JSON.parse((await cheese(control('contacts', 'add', 'Bob', 'rcheese1bob', '--json'))).out)).toEqual(bob)
    expect((await cheese(control('contacts', 'remove', 'Bob'))).code).toBe(0)
    expect(asked).toEqual([{ name: 'Bob', address: 'rcheese1bob' }, { name: 'Bob' }])
  })
})

describe('a member that died and left its api.json', () => {
  it('is not asked: whoever listens there now must see neither token nor passphrase', async () => {
    const asked: string[] = []
    const stranger = createServer((request, response) => {
      asked.push(request.headers.authorization ?? '')
      response.end('{}')
    })
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    const { port } = stranger.address() as AddressInfo
    const gone = spawn(process.execPath, ['-e', ''])
    await once(gone, 'exit')
    await writeFile(join(folder, 'api.json'), JSON.stringify({ endpoint: `127.0.0.1:${port}`, token: 'secret', pid: gone.pid }))
    const { code, out, err } = await cheese(control('status'))
    stranger.close()
    expect({ code, out, asked }).toEqual({ code: 1, out: '', asked: [] })
    expect(err).toMatch(/has ended/)
  })
})

describe('without a member', () => {
  const inFolder = (...args: string[]) => cheese([...args, '--data-dir', join(folder, 'none'), '--network', 'regtest'])

  it.each([
    [['verify'], /is no data folder of Cheese Stack/],
    [['dump', '--out', '/nowhere/x'], /is no data folder of Cheese Stack/],
    [['words'], /There is no wallet in/],
  ])('%j takes no mistyped folder for one, and leaves nothing there', async (args, message) => {
    const { code, out, err } = await inFolder(...args)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(message)
    expect(await readdir(folder)).toEqual([])
  })

  it('words that cannot be are refused before a passphrase is asked for', async () => {
    const file = join(folder, 'words')
    await writeFile(file, 'zoo zooo')
    const { code, err } = await inFolder('restore', '--words-file', file)
    expect(code).toBe(1)
    expect(err).toMatch(/did you mean "zoo"/)
    expect(await readdir(folder)).toEqual(['words'])
  })

  it('--init asks for no new passphrase where there is a wallet', async () => {
    await mkdir(join(folder, 'none', 'wallet'), { recursive: true })
    await writeFile(join(folder, 'none', 'wallet', 'vault.age'), 'sealed')
    await writeFile(join(folder, 'none', 'network.json'), '{"schema":1,"network":"main"}')
    // Gets as far as the folder of another network.
    const { code, err } = await inFolder('member', '--init')
    expect(code).toBe(1)
    expect(err).toMatch(/belongs to the main network/)
  })

  it('a dump that cannot be written is no bug of ours', async () => {
    await mkdir(join(folder, 'none'))
    await writeFile(join(folder, 'none', 'network.json'), '{"schema":1,"network":"regtest"}')
    const { code, err } = await inFolder('dump', '--out', join(folder, 'missing', 'x'))
    expect(code).toBe(1)
    expect(err).toMatch(/cannot be written: check that its folder is there/)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { httpClient, type MemberClient } from '../../../src/api/carriers/client.ts'
import type { MemberReady } from '../../../src/server/ready.ts'
import { socketClient } from './socket-client.ts'

/** The built command line: functional tests run what people run. */
export const CHEESE = fileURLToPath(new URL('../../../out/main/cli.js', import.meta.url))

const API_SOCKET = new URL('./api-socket.ts', import.meta.url).href

/** A fresh folder that goes away when the test has finished. */
export async function freshFolder(name = 'cheese-test'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  onTestFinished(async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return folder
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `cheese …` to its end. `input` goes to its stdin, which is closed otherwise. */
export async function cheese(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}): Promise<Ran> {
  const child = spawn(process.execPath, [CHEESE, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...options.env } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.end(options.input ?? '')
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

/** Runs `cheese … --json`, expects success and exactly one JSON document, and returns it. */
export async function cheeseJson<T = Record<string, unknown>>(args: readonly string[]): Promise<T> {
  const ran = await cheese([...args, '--json'])
  if (ran.code !== 0) throw new Error(`cheese ${args.join(' ')} exited with ${ran.code}: ${ran.stderr}`)
  return JSON.parse(ran.stdout) as T
}

/** Waits until `condition` gives something other than undefined or false, and returns that. */
export async function until<T>(what: string, condition: () => Promise<T | undefined | false> | T | undefined | false, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000
  let last: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value !== undefined && value !== false) return value
      last = undefined
    } catch (error) {
      last = error
    }
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`, { cause: last })
    // The pause between two looks at another process; the condition decides, not the time.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Where and how a process is to run, when that is not plainly here. */
export interface Where {
  /** What the command line begins with: on a host of a `Lab`. */
  readonly on?: readonly string[]
  /** Flags for Node. */
  readonly node?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A long-running `cheese member` or `cheese tracker`: its ready line, its stderr, and its end. */
export class Running<Ready> {
  readonly child: ChildProcess
  readonly ready: Ready
  readonly #stderr: string[]

  private constructor(child: ChildProcess, ready: Ready, stderr: string[]) {
    this.child = child
    this.ready = ready
    this.#stderr = stderr
  }

  /** Starts `cheese args --json` and waits for its ready line. Ends with the test whatever happens. */
  static async start<Ready>(args: readonly string[], where: Where = {}): Promise<Running<Ready>> {
    const [command = '', ...rest] = [...(where.on ?? []), process.execPath, ...(where.node ?? []), CHEESE, ...args, '--json']
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...where.env } })
    const stderr: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
    const line = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more
        if (text.includes('\n')) resolve(text)
      })
      child.once('exit', (code) => reject(new Error(`cheese ${args.join(' ')} ended with ${code} before it was ready: ${stderr.join('')}`)))
    })
    return new Running<Ready>(child, JSON.parse(line) as Ready, stderr)
  }

  get stderr(): string {
    return this.#stderr.join('')
  }

  /** Sends `signal` and waits for the end; resolves with the exit code (null when the signal ended it). */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode
    const ended = once(this.child, 'exit') as Promise<[number | null]>
    this.child.kill(signal)
    return (await ended)[0]
  }
}

export interface StartMember {
  readonly dataDir: string
  readonly network?: 'main' | 'test' | 'regtest'
  readonly nickname?: string
  readonly listen?: string
  readonly trackers?: readonly string[]
  readonly peers?: readonly string[]
  readonly mine?: boolean
  readonly pace?: number
  readonly ui?: boolean
  /** Makes a vault if there is none, and keeps it open; true by default. */
  readonly wallet?: boolean
  /** What its command line begins with: on a host of a `Lab`. */
  readonly on?: readonly string[]
}

export const PASSPHRASE = 'a good long passphrase'

/** A member in a process of its own, and the contract as functions. */
export class TestMember {
  readonly running: Running<MemberReady>
  readonly client: MemberClient
  readonly dataDir: string

  private constructor(running: Running<MemberReady>, client: MemberClient, dataDir: string) {
    this.running = running
    this.client = client
    this.dataDir = dataDir
  }

  static async start(options: StartMember): Promise<TestMember> {
    const { dataDir } = options
    const network = options.network ?? 'regtest'
    const args = ['member', '--network', network, '--data-dir', dataDir, '--listen', options.listen ?? '127.0.0.1:0', '--api', '127.0.0.1:0']
    for (const url of options.trackers ?? []) args.push('--tracker', url)
    for (const peer of options.peers ?? []) args.push('--peer', peer)
    if (options.nickname !== undefined) args.push('--nickname', options.nickname)
    if (options.mine === true) args.push('--mine=1')
    if (options.pace !== undefined) args.push('--pace', String(options.pace))
    if (options.ui === true) args.push('--ui')
    if (options.wallet !== false) args.push('--init', '--passphrase-file', await passphraseFile())
    const file = join(dataDir, 'api.json')
    const readApi = async () => JSON.parse(await readFile(file, 'utf8')) as { endpoint: string; token: string }
    if (options.on === undefined) {
      const running = await Running.start<MemberReady>(args)
      return new TestMember(running, httpClient(await readApi()), dataDir)
    }
    const socket = join(dataDir, 'api.socket')
    const env = { CHEESE_API_SOCKET: socket, CHEESE_API_FILE: file }
    const running = await Running.start<MemberReady>(args, { on: options.on, node: ['--import', API_SOCKET], env })
    return new TestMember(running, socketClient(socket, await readApi()), dataDir)
  }

  get endpoint(): string {
    return this.running.ready.listen
  }

  get address(): string {
    const { address } = this.running.ready
    if (address === null) throw new Error('this member has no wallet')
    return address
  }

  /** Ends it cleanly. */
  stop(): Promise<number | null> {
    return this.running.end('SIGTERM')
  }

  /** Pulls the plug. */
  async kill(): Promise<void> {
    await this.running.end('SIGKILL')
  }
}

let passphrasePath: Promise<string> | undefined

/** A file that holds `PASSPHRASE`, one for the whole run of this worker. */
export function passphraseFile(): Promise<string> {
  passphrasePath ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cheese-pass-'))
    const { writeFile } = await import('node:fs/promises')
    const path = join(folder, 'passphrase')
    await writeFile(path, `${PASSPHRASE}\n`, { mode: 0o600 })
    process.once('exit', () => {
      void rm(folder, { recursive: true, force: true })
    })
    return path
  })()
  return passphrasePath
}

/** A member in a process of its own, from the build, that can be measured from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { httpClient, type MemberClient } from '../../../src/api/carriers/client.ts'
import type { HostPort } from '../../../src/net/transport.ts'
import type { MemberReady } from '../../../src/server/ready.ts'
import { parseHostPort } from '../../../src/util/ip.ts'

const CHEESE = fileURLToPath(new URL('../../../out/main/cli.js', import.meta.url))
const PROBE = new URL('./probe.ts', import.meta.url).href

/** What the probe in the victim's process says. */
export interface Measure {
  /** Processor time of the main thread between two looks of ten milliseconds, at most. */
  readonly longestTurnMs: number
  /** How late timers were, 99th percentile: whatever else this machine did counts, too. */
  readonly delayP99Ms: number
  /** Heap and buffers after collecting garbage. */
  readonly heldMiB: number
  /** Of the process since the measurement began. */
  readonly peakRssMiB: number
}

/** What must be after an attack as it was before. */
export interface State {
  readonly tip: string
  readonly accountsRoot: string
  readonly mempool: number
}

export class Victim {
  readonly client: MemberClient
  readonly ready: MemberReady
  /** `HOST:PORT` of its control API, on loopback. */
  readonly api: HostPort
  readonly #child: ChildProcess
  readonly #dataDir: string
  readonly #log: { bytes: number; last: string }

  private constructor(child: ChildProcess, ready: MemberReady, client: MemberClient, api: HostPort, dataDir: string, log: { bytes: number; last: string }) {
    this.#child = child
    this.ready = ready
    this.client = client
    this.api = api
    this.#dataDir = dataDir
    this.#log = log
  }

  /** Starts `cheese member` with the probe in it. */
  static async start(dataDir: string, network: 'regtest' | 'test', more: readonly string[] = []): Promise<Victim> {
    const args = ['member', '--network', network, '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--api', '127.0.0.1:0', '--json', ...more]
    const child = spawn(process.execPath, ['--expose-gc', '--import', PROBE, CHEESE, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    const log = { bytes: 0, last: '' }
    child.stderr?.on('data', (chunk: Buffer) => {
      log.bytes += chunk.length
      log.last = (log.last + chunk.toString()).slice(-4_000)
    })
    const line = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout?.setEncoding('utf8').on('data', (more: string) => {
        text += more
        if (text.includes('\n')) resolve(text)
      })
      child.once('exit', (code) => reject(new Error(`the victim ended with ${code} before it was ready: ${log.last}`)))
    })
    const ready = JSON.parse(line) as MemberReady
    const file = JSON.parse(await readFile(join(dataDir, 'api.json'), 'utf8')) as { endpoint: string; token: string }
    return new Victim(child, ready, httpClient(file), hostPort(file.endpoint), dataDir, log)
  }

  /** Where it listens. */
  get endpoint(): HostPort {
    return hostPort(this.ready.listen)
  }

  /** Bytes that it has logged. */
  get logged(): number {
    return this.#log.bytes
  }

  /** The end of its log, for whoever wonders. */
  get lastWords(): string {
    return this.#log.last
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async state(): Promise<State> {
    const { tip, mempool } = await this.client.status()
    const cheese = await this.client.stack.show({ query: tip })
    if (cheese.type !== 'cheese') throw new Error(`the tip is shown as ${cheese.type}`)
    return { tip, accountsRoot: cheese.accountsRoot, mempool }
  }

  /** What was measured since the last `begin`; begins anew. */
  async begin(): Promise<Measure> {
    return this.#ask('begin')
  }

  async measure(): Promise<Measure> {
    return this.#ask('measure')
  }

  /** Bytes of everything in its data folder. */
  async onDisk(): Promise<number> {
    const names = await readdir(this.#dataDir, { recursive: true })
    // A file that is replaced just now counts for nothing.
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(this.#dataDir, name))
          .then(({ size }) => size)
          .catch(() => 0),
      ),
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  async stop(): Promise<number | null> {
    if (!this.alive) return this.#child.exitCode
    const ended = once(this.#child, 'exit') as Promise<[number | null]>
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 15_000)
    const [code] = await ended
    clearTimeout(timer)
    return code
  }

  async #ask(what: 'begin' | 'measure'): Promise<Measure> {
    const answer = once(this.#child, 'message') as Promise<[Measure]>
    this.#child.send(what)
    return (await answer)[0]
  }
}

function hostPort(text: string): HostPort {
  const parsed = parseHostPort(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

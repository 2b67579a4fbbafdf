import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why tests with a real Redis cannot run here, or undefined when they can. */
export function redisMissing(): string | undefined {
  const found = spawnSync('redis-server', ['--version'])
  return found.error ? 'skipped: there is no redis-server here (Debian: apt-get install redis-server)' : undefined
}

/** A real redis-server on a socket in a folder of its own, that keeps nothing. */
export class TestRedis {
  readonly folder = mkdtempSync(join(tmpdir(), 'cheese-redis-'))
  readonly path = join(this.folder, 's')
  #child: ChildProcess | undefined

  /** Starts it; waits until it takes connections. */
  async start(...more: string[]): Promise<void> {
    const options = ['--port', '0', '--unixsocket', this.path, '--save', '', '--appendonly', 'no', '--dir', this.folder, '--loglevel', 'notice', ...more]
    const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.stdout?.on('data', (data) => {
        said += String(data)
        if (/ready to accept connections/i.test(said)) resolve()
      })
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`redis-server ended: ${said}`)))
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** As a machine that fails: nothing is written, nobody is told. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

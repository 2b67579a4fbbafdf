import { createHash } from 'node:crypto'
import { createClient } from '@redis/client'
import type { ScriptStore } from '../tracker/redis-table.ts'
import { err, ok, type Result } from '../util/result.ts'

/** A command takes no longer, nor does opening a connection; milliseconds. */
const ANSWER_MS = 1_000
/** How often a store that does not answer is tried again. */
const TRY_MS = 500
/** How long a tracker waits for its store at the start before it goes on without. */
const START_MS = 3_000

/** Where a store is: `redis://` or `rediss://` with an optional user, password and number of the database, or `unix:///PATH` of a socket. The error is a sentence. */
export function parseStoreUrl(text: string): Result<{ readonly url: string } | { readonly path: string }, string> {
  const wrong = err('Write the store as redis://HOST:PORT, rediss://HOST:PORT, with USER:PASSWORD@ before the host where it needs them, or unix:///PATH.')
  if (!URL.canParse(text)) return wrong
  const url = new URL(text)
  if (url.protocol === 'unix:' && url.pathname.length > 1) return ok({ path: decodeURIComponent(url.pathname) })
  if ((url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '' || !/^(\/[0-9]{0,3})?$/.test(url.pathname)) return wrong
  return ok({ url: text })
}

/** The same without user and password. */
function nameOf(place: { readonly url: string } | { readonly path: string }): string {
  if ('path' in place) return `unix://${place.path}`
  const { protocol, host, pathname } = new URL(place.url)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

/** Redis or Valkey, for scripts alone. It is tried for ever: who needs it goes on without while it is away. */
export class RedisStore implements ScriptStore {
  readonly name: string
  readonly #client: ReturnType<typeof makeClient>
  readonly #prefix: string
  readonly #hashes = new Map<string, string>()
  readonly #handlers: ((up: boolean, why: string | null) => void)[] = []
  readonly #timer: NodeJS.Timeout
  #up = false
  #why: string | null = null
  #trying = false
  #closed = false

  private constructor(place: { readonly url: string } | { readonly path: string }, prefix: string) {
    this.name = nameOf(place)
    // Between braces: all keys of one table are on one node of a cluster.
    this.#prefix = `{${prefix}}`
    this.#client = makeClient(place)
    this.#client.on('error', (error: Error) => this.#lost(error))
    this.#client.on('ready', () => void this.#try())
    this.#timer = setInterval(() => void this.#try(), TRY_MS)
    this.#timer.unref()
  }

  /** Begins to connect; waits a moment for the first answer, and comes without one too. @param prefix of all its keys */
  static async open(place: { readonly url: string } | { readonly path: string }, prefix = 'cheese-tracker'): Promise<RedisStore> {
    const store = new RedisStore(place, prefix)
    const first = new Promise<void>((resolve) => store.onChange(() => resolve()))
    // It never rejects by itself: it goes on trying until it is closed.
    store.#client.connect().catch((error: unknown) => store.#lost(error))
    let timer: NodeJS.Timeout | undefined
    await Promise.race([first, new Promise<void>((resolve) => (timer = setTimeout(resolve, START_MS)))])
    clearTimeout(timer)
    return store
  }

  get up(): boolean {
    return this.#up
  }

  onChange(handler: (up: boolean, why: string | null) => void): void {
    this.#handlers.push(handler)
  }

  async run(script: string, args: readonly string[]): Promise<unknown> {
    if (!this.#up) throw new Error('the store does not answer')
    try {
      return await this.#eval(script, args)
    } catch (error) {
      this.#lost(error)
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#timer)
    this.#up = false
    if (this.#client.isOpen) this.#client.destroy()
  }

  async #eval(script: string, args: readonly string[]): Promise<unknown> {
    const known = this.#hashes.get(script)
    const hash = known ?? createHash('sha1').update(script).digest('hex')
    this.#hashes.set(script, hash)
    const options = { keys: [this.#prefix], arguments: [...args] }
    try {
      return await inTime(this.#client.evalSha(hash, options))
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return await inTime(this.#client.eval(script, options))
    }
  }

  /** Looks whether it takes writes: one that is read-only or out of memory answers pings too. */
  async #try(): Promise<void> {
    if (this.#up || this.#trying || this.#closed || !this.#client.isReady) return
    this.#trying = true
    try {
      await inTime(this.#client.set(`${this.#prefix}:try`, '1', { expiration: { type: 'PX', value: 60_000 } }))
      if (this.#closed) return
      this.#up = true
      this.#why = null
      for (const handler of this.#handlers) handler(true, null)
    } catch (error) {
      this.#lost(error)
    } finally {
      this.#trying = false
    }
  }

  #lost(error: unknown): void {
    if (this.#closed) return
    const why = error instanceof Error ? (error.message || error.name).slice(0, 200) : String(error)
    const told = !this.#up && this.#why !== null
    this.#up = false
    this.#why = why
    // The first reason is told; those of the tries that follow are the same over and over.
    if (!told) for (const handler of this.#handlers) handler(false, why)
  }
}

function makeClient(place: { readonly url: string } | { readonly path: string }) {
  const reconnectStrategy = (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), TRY_MS * 4)
  const common = { connectTimeout: ANSWER_MS, reconnectStrategy }
  return createClient({
    ...('url' in place ? { url: place.url, socket: common } : { socket: { ...common, path: place.path, tls: false } }),
    RESP: 2,
    name: 'cheese-tracker',
    // What cannot be asked now is not asked later: somebody waits for the answer.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 20_000,
  })
}

/** Rejects when there is no answer in time: a store that hangs is as good as none. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ANSWER_MS)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

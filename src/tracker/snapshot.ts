import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { concatBytes } from '../util/bytes.ts'
import type { Files } from '../util/files.ts'
import type { Clock, Logger } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { HistoryPoint } from './history.ts'
import type { TableDump } from './registry.ts'
import type { Entry } from './table.ts'

/**
 * What a tracker's table is kept in across a restart: one file, replaced whole. Its first line says what it is, when it was written and the SHA-256 of the
 * rest; then one JSON document a line: members, times of those that are gone, points of the history. Keys of sessions are not among them.
 */

const FORMAT = 'cheese-tracker'
const VERSION = 1
/** What is older tells nothing any more: members have long tried again. */
const OLDEST_MS = 15 * 60_000
/** It is written at most so often while the tracker runs. */
export const SAVE_MS = 60_000
/** Lines made or read before others get a turn. */
const STEP = 500

const Time = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)
const U32 = z.number().int().min(0).max(0xffffffff)

const Header = z.object({ format: z.literal(FORMAT), version: z.literal(VERSION), at: Time, sha256: Hex32 })
const SavedEntry = z.object({
  memberId: Hex32,
  network: Hex32,
  card: z.string().max(1_000),
  cardHash: Hex32,
  cardTime: U32,
  cardUntil: Time,
  ip: z.string().max(45),
  port: z.number().int().min(0).max(65535),
  height: U32,
  version: z.string().max(32),
  time: U32,
  since: Time,
  lastSeen: Time,
  expiresAt: Time,
  reachable: z.boolean().nullable(),
  failures: z.number().int().min(0),
  host: z.string().max(255),
})
const Line = z.union([z.object({ member: SavedEntry }), z.object({ gone: z.tuple([z.string().length(128), U32]) }), z.object({ point: HistoryPoint })])

/** What a snapshot holds. */
export interface Saved {
  readonly entries: readonly Entry[]
  readonly gone: readonly (readonly [string, number])[]
  readonly points: readonly HistoryPoint[]
}

/** The bytes of a snapshot, made in steps. */
export async function encodeSnapshot(dump: Pick<TableDump, 'entries' | 'gone'>, points: readonly HistoryPoint[], at: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  const hash = createHash('sha256')
  const text = new TextEncoder()
  let lines: string[] = []
  const flush = () => {
    const part = text.encode(lines.map((line) => `${line}\n`).join(''))
    hash.update(part)
    parts.push(part)
    lines = []
  }
  for (const line of linesOf(dump, points)) {
    lines.push(line)
    if (lines.length < STEP) continue
    flush()
    await setImmediate()
  }
  flush()
  const header = { format: FORMAT, version: VERSION, at, sha256: hash.digest('hex') }
  return concatBytes(text.encode(`${JSON.stringify(header)}\n`), ...parts)
}

function* linesOf(dump: Pick<TableDump, 'entries' | 'gone'>, points: readonly HistoryPoint[]): Iterable<string> {
  for (const point of points) yield JSON.stringify({ point })
  for (const gone of dump.gone) yield JSON.stringify({ gone })
  // Named one by one: a table's own bookkeeping and the keys of sessions stay out.
  for (const entry of dump.entries)
    yield JSON.stringify({ member: Object.fromEntries(Object.keys(SavedEntry.shape).map((name) => [name, entry[name as keyof Entry]])) })
}

/**
 * What the bytes of a snapshot hold, as of `now` (milliseconds): the time in which the tracker was away counts against nobody, and everybody is dialled again
 * when it is heard of. The error says what is wrong with it.
 */
export async function decodeSnapshot(bytes: Uint8Array, now: number): Promise<Result<Saved, string>> {
  const end = bytes.indexOf(10)
  const header = Header.safeParse(parseJson(new TextDecoder().decode(bytes.subarray(0, Math.max(0, end)))))
  if (!header.success) return err('it is none of this program’s, or of another version')
  const rest = bytes.subarray(end + 1)
  if (createHash('sha256').update(rest).digest('hex') !== header.data.sha256) return err('it is damaged')
  const away = now - header.data.at
  if (away > OLDEST_MS || away < -60_000) return err('it is too old')
  const saved = { entries: [] as Entry[], gone: [] as [string, number][], points: [] as HistoryPoint[] }
  for (const [i, text] of new TextDecoder().decode(rest).split('\n').entries()) {
    if (i % STEP === STEP - 1) await setImmediate()
    if (text === '') continue
    const line = Line.safeParse(parseJson(text))
    if (!line.success) return err('it is damaged')
    if ('gone' in line.data) saved.gone.push(line.data.gone)
    else if ('point' in line.data) saved.points.push(line.data.point)
    else saved.entries.push({ ...line.data.member, expiresAt: line.data.member.expiresAt + Math.max(0, away), dialAfter: 0, session: '' })
  }
  return ok(saved)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export interface SnapshotOptions {
  readonly files: Files
  /** Of the file. */
  readonly path: string
  readonly clock: Clock
  readonly log: Logger
}

/** Keeps a tracker's table in a file. */
export class Snapshots {
  readonly #options: SnapshotOptions
  #savedAt: number
  #writing: Promise<void> | undefined
  #failed = false

  constructor(options: SnapshotOptions) {
    this.#options = options
    this.#savedAt = options.clock.now()
  }

  /** What was saved last; undefined when there is nothing, or nothing that can be used, which the log says. */
  async load(): Promise<Saved | undefined> {
    const { files, path, clock, log } = this.#options
    try {
      const bytes = await files.read(path)
      if (!bytes) return undefined
      const saved = await decodeSnapshot(bytes, clock.now())
      if (saved.ok) return saved.value
      log.warn(`the file of listed members cannot be used, ${saved.error}: the tracker starts with nobody`, { path })
    } catch (error) {
      log.warn('the file of listed members cannot be read: the tracker starts with nobody', { path, error })
    }
    return undefined
  }

  /** Writes what is to be kept, if the last time is long enough ago. */
  saveNowAndThen(dump: () => Pick<TableDump, 'entries' | 'gone'>, points: () => readonly HistoryPoint[]): void {
    if (this.#writing || this.#options.clock.now() - this.#savedAt < SAVE_MS) return
    this.#writing = this.#save(dump(), points()).finally(() => {
      this.#writing = undefined
    })
  }

  /** Writes it now. Never throws: what cannot be written is told in the log. */
  async save(dump: () => Pick<TableDump, 'entries' | 'gone'>, points: () => readonly HistoryPoint[]): Promise<void> {
    await this.#writing
    await this.#save(dump(), points())
  }

  async #save(dump: Pick<TableDump, 'entries' | 'gone'>, points: readonly HistoryPoint[]): Promise<void> {
    const { files, path, clock, log } = this.#options
    this.#savedAt = clock.now()
    try {
      await files.write(path, await encodeSnapshot(dump, points, this.#savedAt), { secret: true })
      this.#failed = false
    } catch (error) {
      // Told once, not every minute.
      if (!this.#failed) log.warn('the file of listed members cannot be written: after a restart the tracker starts with nobody', { path, error })
      this.#failed = true
    }
  }
}

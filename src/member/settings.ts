import { z } from 'zod'
import type { Files } from '../util/files.ts'
import { MAX_CACHE_MB, MIN_CACHE_MB } from './options.ts'

const Settings = z.object({
  version: z.literal(1),
  /** Trackers that the person joined. */
  trackers: z.array(z.string()).default([]),
  /** The tracker that this member hosts, `HOST:PORT`, or null. */
  hosting: z.string().nullable().default(null),
  /** Whether that one is hosted again when the app starts. */
  hostAtStart: z.boolean().default(true),
  /** Memory for accounts and tree nodes used lately, megabytes, or null for the default. To be written into the file by hand. */
  cacheMb: z.number().int().min(MIN_CACHE_MB).max(MAX_CACHE_MB).nullable().default(null),
  /** What the person chose about the network: see NetworkChoices in api/schemas-network.ts. */
  portMapping: z.boolean().default(true),
  lan: z.boolean().default(true),
  proxy: z.string().nullable().default(null),
  /** Nickname chosen before there is a wallet to keep it. */
  nickname: z.string().nullable().default(null),
  /** Mining threads that the person chose, or null for the default. */
  threads: z.number().int().min(1).nullable().default(null),
  /** When the person agreed to what mining does to this machine, Unix seconds; null = not yet. */
  consentedAt: z.number().int().nullable().default(null),
  /** How mining goes: see MiningChange in api/schemas.ts. */
  intensity: z.number().int().min(1).max(100).default(100),
  mineOnBattery: z.boolean().default(false),
  onlyWhenIdle: z.boolean().default(false),
  idleMinutes: z.number().int().min(1).max(1440).default(5),
  autoStart: z.boolean().default(false),
  kernel: z.string().default('auto'),
})
type Settings = z.infer<typeof Settings>

/** What a member remembers of the person's choices, in one small file that is replaced whole. */
export class MemberSettings {
  readonly #files: Files
  readonly #path: string
  #values: Settings

  private constructor(files: Files, path: string, values: Settings) {
    this.#files = files
    this.#path = path
    this.#values = values
  }

  /** Reads the settings at `path`; one that cannot be read counts as none, and is kept beside as `.damaged`. */
  static async open(files: Files, path: string): Promise<MemberSettings> {
    const bytes = await files.read(path)
    const none = Settings.parse({ version: 1 })
    if (!bytes) return new MemberSettings(files, path, none)
    try {
      return new MemberSettings(files, path, Settings.parse(JSON.parse(new TextDecoder().decode(bytes))))
    } catch {
      await files.write(`${path}.damaged`, bytes)
      return new MemberSettings(files, path, none)
    }
  }

  get values(): Readonly<Settings> {
    return this.#values
  }

  /** Changes some settings and writes them all. */
  async change(change: Partial<Omit<Settings, 'version'>>): Promise<void> {
    this.#values = { ...this.#values, ...change }
    await this.#files.write(this.#path, new TextEncoder().encode(`${JSON.stringify(this.#values, null, 2)}\n`))
  }
}

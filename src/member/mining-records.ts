import { z } from 'zod'
import { pause } from '../chain/pause.ts'
import type { CheeseStack } from '../chain/stack.ts'
import type { Smell } from '../consensus/types.ts'
import type { Luck } from '../mining/luck.ts'
import { NONE_OLDER, OwnCheeses } from '../mining/own-cheeses.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Files } from '../util/files.ts'
import type { Clock, Logger } from '../util/ports.ts'

const Count = z.number().int().min(0)
const Records = z.object({
  version: z.literal(1),
  luck: z.object({ found: Count, expected: z.number().min(0), since: Count }).nullable(),
  /** Whose cheeses these are, hex; null = no wallet yet. */
  address: z.string().nullable(),
  /** Height of the tip when this was written: cheeses up to there are in here. */
  through: Count,
  older: z.object({ ripened: Count, orphaned: Count, upTo: z.number().int() }),
  cheeses: z.array(
    z.object({ height: Count, smell: z.string(), time: Count, amount: z.string().regex(/^[0-9]+$/), state: z.enum(['ripening', 'ripened', 'orphaned']) }),
  ),
})
type Records = z.infer<typeof Records>

/** What is written after a find, and what after tries alone, at the latest. */
const FIND_MS = 2_000
const TRIES_MS = 300_000
/** The stack may have been left with a reorg half written down: so far below the last tip is looked again. */
const AGAIN = 100
/** Lines of the address's history that are read at once. */
const LINES = 500

export interface RecordsDeps {
  readonly files: Files
  readonly path: string
  readonly stack: CheeseStack
  readonly clock: Clock
  readonly log: Logger
  /** What mining pays to, or undefined while there is no wallet. */
  readonly address: () => Uint8Array | undefined
}

/** What is remembered of mining from run to run, in one small file: luck, and the cheeses of ours. */
export class MiningRecords {
  /** As it was when this was opened. */
  readonly luck: Luck | undefined
  readonly #deps: RecordsDeps
  #own: OwnCheeses
  #address: string | null = null
  #luckNow: () => Luck | undefined
  /** Height up to which all was looked up, where that is not the tip's. */
  #onlyThrough: number | undefined
  #cancelSave: (() => void) | undefined
  #saveAt = Number.POSITIVE_INFINITY
  #saving: Promise<void> = Promise.resolve()

  private constructor(deps: RecordsDeps, luck: Luck | undefined) {
    this.#deps = deps
    this.luck = luck
    this.#luckNow = () => luck
    this.#own = new OwnCheeses(this.#ports())
  }

  /** Reads what is at `deps.path`; what cannot be read counts as none and is kept beside as `.damaged`. */
  static async open(deps: RecordsDeps): Promise<MiningRecords> {
    const { files, path, log } = deps
    const bytes = await files.read(path)
    let read: Records | undefined
    if (bytes) {
      try {
        read = Records.parse(JSON.parse(new TextDecoder().decode(bytes)))
      } catch (error) {
        log.warn('what was remembered of mining cannot be read; the count begins anew', { path, error: String(error) })
        await files.write(`${path}.damaged`, bytes)
      }
    }
    const records = new MiningRecords(deps, read?.luck ?? undefined)
    await records.#begin(read)
    return records
  }

  get own(): OwnCheeses {
    return this.#own
  }

  /** Has the luck written down with the rest. */
  watch(luck: () => Luck): void {
    this.#luckNow = luck
  }

  /** To be called with each cheese that came onto the stack. */
  handleConnected(smell: Smell): void {
    const { stack } = this.#deps
    const facts = stack.facts(smell)
    const address = this.#deps.address()
    if (facts && address && equalBytes(facts.rewardTo, address)) this.note(smell)
  }

  /** Remembers a cheese of ours whose body is stored, wherever it lies. */
  note(smell: Smell): void {
    const facts = this.#deps.stack.facts(smell)
    if (!facts) return
    const { height, time } = facts.entry
    if (this.#own.note({ height, smell, time, amount: facts.rewardAmount })) this.#saveWithin(FIND_MS)
  }

  /** To be called when more was tried. */
  handleTries(): void {
    this.#saveWithin(TRIES_MS)
  }

  /** To be called when there may be another address that mining pays to. */
  async handleAddress(): Promise<void> {
    const address = this.#deps.address()
    if ((address ? toHex(address) : null) !== this.#address) await this.#begin(undefined)
  }

  /** Writes everything down. Never rejects: what fails is logged, and tried again later. */
  async save(): Promise<void> {
    this.#cancelSave?.()
    this.#saveAt = Number.POSITIVE_INFINITY
    this.#saving = this.#saving.then(() => this.#write())
    await this.#saving
  }

  #ports() {
    const { stack } = this.#deps
    return {
      height: () => stack.tip.height,
      ripening: stack.params.ripening,
      placeOf: (smell: Smell) => (stack.isMain(smell) ? 'main' : stack.hasBody(smell) ? 'branch' : undefined) as 'main' | 'branch' | undefined,
    }
  }

  /** Takes over what was read, and looks up on the stack what came since, or all when nothing was. */
  async #begin(read: Records | undefined): Promise<void> {
    const address = this.#deps.address()
    this.#address = address ? toHex(address) : null
    const known = read && read.address === this.#address ? read : undefined
    this.#own = new OwnCheeses(this.#ports(), known?.cheeses.map((one) => ({ ...one, amount: BigInt(one.amount) })) ?? [], known?.older ?? NONE_OLDER)
    this.#onlyThrough = undefined
    if (!address) return
    const through = known?.through ?? 0
    try {
      await this.#lookUp(address, through - AGAIN)
    } catch (error) {
      // What is missing here keeps nobody from using the member. It is looked up again next time.
      this.#onlyThrough = through
      this.#deps.log.warn('cheeses of ours could not all be looked up', { error: String(error) })
    }
  }

  /** The address's rewards from `from` upwards. Lowest first: so that the oldest are the first to be forgotten. */
  async #lookUp(address: Uint8Array, from: number): Promise<void> {
    const { stack } = this.#deps
    const own = this.#own
    // By number: those stay while more come.
    const { total } = stack.activityPage(address, { offset: 0, limit: 1 })
    let first = total
    for (; first > 0; first = Math.max(0, first - LINES)) {
      const [entry] = stack.activity(address, { limit: 1, before: first })
      if (!entry || entry.height < from) break
      await pause()
    }
    for (let before = first + LINES; before - LINES < total; before += LINES) {
      for (const { kind, height, smell, time, amount } of stack.activity(address, { limit: LINES, before }).reverse()) {
        if (kind === 'reward' && height >= from) own.note({ height, smell, time, amount })
      }
      await pause()
    }
  }

  #saveWithin(ms: number): void {
    const { clock } = this.#deps
    const at = clock.now() + ms
    if (at >= this.#saveAt) return
    this.#cancelSave?.()
    this.#saveAt = at
    this.#cancelSave = clock.after(ms, () => void this.save())
  }

  async #write(): Promise<void> {
    const { files, path, stack, log } = this.#deps
    try {
      const { records, older } = this.#own.snapshot()
      const whole: Records = {
        version: 1,
        luck: this.#luckNow() ?? null,
        address: this.#address,
        through: this.#onlyThrough ?? stack.tip.height,
        older,
        cheeses: records.map((one) => ({ ...one, amount: String(one.amount) })),
      }
      await files.write(path, new TextEncoder().encode(`${JSON.stringify(whole)}\n`))
    } catch (error) {
      log.warn('what is remembered of mining could not be written', { path, error: String(error) })
    }
  }
}

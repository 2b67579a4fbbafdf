import { decodeHeader } from '../consensus/codec.ts'
import { checkBodySteps } from '../consensus/connect.ts'
import { type RuleError, ruleError } from '../consensus/errors.ts'
import { smellHex, transferId } from '../consensus/hash.ts'
import type { Body, Header, Params, Smell } from '../consensus/types.ts'
import { toHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import type { Clock, Logger } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { Store } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { type AddedHeaders, addHeaders, invalidError } from './add-headers.ts'
import { BodiesAhead } from './ahead.ts'
import { commonAncestor, pathUp } from './branches.ts'
import { activate, completeAbove, storeBody, tieLooseEnds } from './choose.ts'
import type { StackCore } from './core.ts'
import { type Dumped, dumpStack, type Loaded, type LoadFailure, loadDump } from './dump.ts'
import type { HeaderEntry, HeaderNode } from './header-node.ts'
import { type BadSignature, signatureCheck } from './judge.ts'
import { openCore } from './open.ts'
import { Pacer } from './pause.ts'
import { StackReader, type StoredCheese } from './reader.ts'
import type { Verifier } from './verifier.ts'
import { type Verified, type VerifyFailure, type VerifyOptions, verifyStack } from './verify.ts'

/** The longest that a cheese which nothing follows waits for what follows from it to be written. */
const IDLE_MS = 200

/** A cheese that came onto, or left, the main stack. Its body is read when first asked for. */
export type ConnectedCheese = StoredCheese

/** How the main stack has moved. */
export interface TipChange {
  /** Highest first. */
  readonly disconnected: readonly ConnectedCheese[]
  /** Lowest first. */
  readonly connected: readonly ConnectedCheese[]
  readonly tip: HeaderEntry
}

export interface StackEvents {
  tip: TipChange
  /** The best header has changed. */
  headers: { readonly best: HeaderEntry }
}

/** `connected`: on the main stack. `stored`: kept, on a branch or until bodies below it come. `known`: we had it. */
export interface AddedBody {
  readonly entry: HeaderEntry
  readonly outcome: 'connected' | 'stored' | 'known'
}

export interface StackOptions {
  readonly store: Store
  readonly params: Params
  readonly clock: Clock
  readonly log: Logger
  readonly verifier: Verifier
  /** Bytes of accounts and tree nodes that are kept in memory though they are stored; 64 MiB when left out. */
  readonly cacheBytes?: number | undefined
  /** Tells of a relay id (hex) whether its transfer's signature was verified before: the mempool's. */
  readonly isVerified?: (relayIdHex: string) => boolean
  /** Headers kept in memory (header-index.ts); the others are read from the store when they are needed. */
  readonly headersInMemory?: number
}

/**
 * All cheeses from the blue cheese to the tip with the most work. Changes are made one after the other; each returns a
 * broken rule as a value, and rejects with a `StoreError` when the store fails: then nothing has changed.
 */
export class CheeseStack extends StackReader {
  readonly events = new Emitter<StackEvents>()
  readonly #core: StackCore
  readonly #options: StackOptions
  readonly #queue = new SerialQueue()
  readonly #ahead: BodiesAhead
  #cancelFlush: () => void = () => undefined

  private constructor(core: StackCore, options: StackOptions, badSignature: BadSignature) {
    super(core)
    this.#core = core
    this.#options = options
    this.#ahead = new BodiesAhead(badSignature)
  }

  /** Opens the stack in `store`, beginning it where the store is empty. Rejects with a `StoreError`: `other-network`, `newer-schema`, `damaged`. */
  static async open(options: StackOptions): Promise<CheeseStack> {
    const { store, params, log, verifier, cacheBytes, isVerified, headersInMemory } = options
    const badSignature = signatureCheck(verifier, params, isVerified)
    const core = await openCore({ store, params, log, badSignature, headersInMemory, cacheBytes })
    await activate(core, () => false)
    return new CheeseStack(core, options, badSignature)
  }

  /** Adds headers, each on a header that we have. Those before the first bad one are kept. */
  addHeaders(headers: readonly Header[]): Promise<Result<AddedHeaders, RuleError>> {
    return this.#change(() => addHeaders(this.#core, this.#options.clock, headers))
  }

  /**
   * Adds the body of a header that we have, and moves the main stack when that makes a better one. Rules up to the body
   * root leave no mark on the smell; later ones make the cheese, and all above it, invalid for good.
   * @param options.sync whether to wait for the disk; by default at the tip alone
   */
  addBody(smell: Smell, bytes: Uint8Array, options: { readonly sync?: boolean } = {}): Promise<Result<AddedBody, RuleError>> {
    return this.#change(() => this.#addBody(smell, bytes, options.sync))
  }

  /**
   * Looks at a body before its turn, so that all cores verify signatures while cheeses below it are being connected: its
   * shape, root and limits, and its signatures where it keeps those rules. Changes nothing and tells nothing; what was
   * found out is used when `addBody` gets the same smell with the same bytes, and forgotten when the stack has grown past
   * its height. To be called in the order in which the bodies will be added, as soon as they are there.
   * @param bytes must not be changed afterwards
   * @returns false where nothing was begun: some eight megabytes of bodies are being looked at already (call again after
   * the next `addBody`), the header is not known or invalid, or the body is stored. `addBody` takes it in any case
   */
  prefetch(smell: Smell, bytes: Uint8Array): boolean {
    const node = this.#core.index.get(smell)
    if (node?.state !== 'header') return false
    this.#ahead.forgetUpTo(this.tip.height)
    return this.#ahead.hasRoom(bytes.length) && this.#ahead.add(smell, bytes, node.header, node.height)
  }

  /** Header and body at once. One from too far ahead of our clock is an error whose fault is `early`. */
  addCheese(headerBytes: Uint8Array, bodyBytes: Uint8Array, options: { readonly sync?: boolean } = {}): Promise<Result<AddedBody, RuleError>> {
    const header = decodeHeader(headerBytes)
    if (!header.ok) return Promise.resolve(header)
    return this.#change(async () => {
      const added = await addHeaders(this.#core, this.#options.clock, [header.value])
      if (!added.ok) return added
      if (added.value.early) return err(added.value.early)
      return this.#addBody(smellHex(header.value), bodyBytes, options.sync)
    })
  }

  /** Checks the whole main stack afresh from the blue cheese up, and that what is stored is what comes out. Nothing else happens meanwhile. */
  verify(options: VerifyOptions = {}): Promise<Result<Verified, VerifyFailure>> {
    const { clock, verifier } = this.#options
    return this.#queue.run(async () => {
      await this.#core.flush(false)
      return verifyStack(this.#core, { clock, verifier, ...options })
    })
  }

  /** Writes the main stack from height 0 up (dump.ts). */
  dump(write: (bytes: Uint8Array) => Promise<void> | void): Promise<Dumped> {
    return dumpStack(this, write)
  }

  /** Reads what `dump` wrote, checking everything; stops at the first bad cheese and keeps what was good. */
  load(chunks: AsyncIterable<Uint8Array>, progress?: (height: number) => void): Promise<Result<Loaded, LoadFailure>> {
    return loadDump(this, chunks, progress)
  }

  /** Has everything added so far on the disk when it resolves. */
  flush(): Promise<void> {
    return this.#queue.run(() => this.#core.flush(true))
  }

  /** Waits for what is under way and closes the store. The verifier is its opener's to close. */
  async close(): Promise<void> {
    this.#cancelFlush()
    await this.#queue.run(async () => {
      const { store } = this.#core
      // What was under way may have asked for a write since.
      this.#cancelFlush()
      try {
        if (this.#core.isBehind) await this.#core.flush(true)
      } finally {
        await store.close()
      }
    })
  }

  async #addBody(smell: Smell, bytes: Uint8Array, sync?: boolean): Promise<Result<AddedBody, RuleError>> {
    const core = this.#core
    const node = core.index.get(smell)
    if (!node) return err(ruleError('header-parent', `no header with the smell ${smell} is known`))
    if (node.state === 'invalid') return err(invalidError(node))
    if (node.hasBody) return ok({ entry: node, outcome: 'known' })
    const pacer = new Pacer()
    // What went wrong while it was looked at before its turn goes wrong again now, or not.
    const ahead = await this.#ahead.take(smell, bytes)?.catch(() => undefined)
    const body = ahead ? ahead.body : await pacer.run(checkBodySteps(bytes, node.header, node.height))
    if (!body.ok) {
      if (body.error.fault === 'cheese') {
        // What was shown above it would hold the room until the stack has grown past it.
        this.#ahead.clear()
        await core.condemn(node, body.error.code)
      }
      return body
    }
    const given = { bytes, body: body.value, pacer, badSignature: ahead && (() => ahead.bad) }
    const broken = await this.#place(node, given, (at) => sync ?? at.work >= core.index.best.work)
    if (broken.size > 0) this.#ahead.clear()
    if (node.invalid) return err(broken.get(node) ?? invalidError(node))
    return ok({ entry: node, outcome: core.isMain(node) ? 'connected' : 'stored' })
  }

  async #place(
    node: HeaderNode,
    given: { readonly bytes: Uint8Array; readonly body: Body; readonly pacer: Pacer; readonly badSignature: BadSignature | undefined },
    sync: (node: HeaderNode) => boolean,
  ): Promise<ReadonlyMap<HeaderNode, RuleError>> {
    const core = this.#core
    if (node.parent === core.tip) {
      const connected = await core.connect(node, { ...given, sync: sync(node) })
      if (!connected.ok) return new Map([[node, connected.error]])
    } else await storeBody(core, node, given.bytes, given.body)
    if (node.complete) await completeAbove(core, node)
    await given.pacer.pause()
    return activate(core, sync)
  }

  /** What waits to be written is written when nothing has changed for a moment. */
  #flushLater(): void {
    const core = this.#core
    this.#cancelFlush()
    if (!core.isBehind) return
    const flush = async () => {
      await core.flush(false).catch((error: unknown) => core.log.warn('the stack could not be written; it is tried again', { error: String(error) }))
    }
    this.#cancelFlush = this.#options.clock.after(IDLE_MS, () => void this.#queue.run(flush))
  }

  /** Runs `job` when its turn comes and then tells what it has moved, also when it failed half-way. */
  #change<T>(job: () => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      const core = this.#core
      // A change that takes long is no moment without changes.
      this.#cancelFlush()
      const tip = core.tip
      const best = core.index.best
      try {
        if (core.index.hasLooseEnds) await tieLooseEnds(core)
        // Only a store that failed leaves a move half made.
        if (core.index.bestComplete !== core.tip) await activate(core, () => false)
        return await job()
      } catch (error) {
        if (error instanceof StoreError && error.code === 'damaged') await core.noteDamage()
        throw error
      } finally {
        if (core.index.best !== best) this.events.emit('headers', { best: core.index.best })
        if (core.tip !== tip) this.events.emit('tip', tipChange(core, tip))
        this.#flushLater()
      }
    })
  }
}

function tipChange(core: StackCore, before: HeaderNode): TipChange {
  const fork = commonAncestor(core.index, before, core.tip)
  const tell = (node: HeaderNode) => new LazyCheese(core, node)
  return { disconnected: pathUp(fork, before).reverse().map(tell), connected: pathUp(fork, core.tip).map(tell), tip: core.tip }
}

/** Reads its body once somebody wants it: a reorg may be longer than memory. */
class LazyCheese implements StoredCheese {
  readonly entry: HeaderNode
  readonly #core: StackCore
  #body: Body | undefined
  #ids: readonly string[] | undefined

  constructor(core: StackCore, entry: HeaderNode) {
    this.#core = core
    this.entry = entry
  }

  get body(): Body {
    this.#body ??= this.#core.loadedBody(this.entry)
    return this.#body
  }

  get ids(): readonly string[] {
    this.#ids ??= this.body.transfers.map((transfer) => toHex(transferId(transfer, this.#core.params)))
    return this.#ids
  }
}

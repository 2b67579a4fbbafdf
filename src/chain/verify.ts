import { decodeHeader, encodeBody, encodeHeader } from '../consensus/codec.ts'
import type { RuleCode, RuleError } from '../consensus/errors.ts'
import { smellHex } from '../consensus/hash.ts'
import { checkHeader } from '../consensus/header.ts'
import { subsidyAt } from '../consensus/reward.ts'
import type { Header, Smell } from '../consensus/types.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Clock } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { AccountsState } from './accounts-state.ts'
import { type LookedAt, lookAt } from './ahead.ts'
import { contextOn } from './branches.ts'
import type { StackCore } from './core.ts'
import type { HeaderNode } from './header-node.ts'
import { type BadSignature, judge, type Ripe, signatureCheck } from './judge.ts'
import { accountRange, addressInKey, bodyKey, indexKey, undoKey } from './keys.ts'
import { Pacer, pause } from './pause.ts'
import { firstWrongPlace, PlaceSum, storedPlaces } from './places.ts'
import { decodeAccount, encodeUndoSteps } from './records.ts'
import type { Verifier } from './verifier.ts'
import { idsSteps } from './writes.ts'

export interface Verified {
  readonly height: number
  readonly tip: Smell
  readonly accountsRoot: Uint8Array
  readonly cheeses: number
  readonly transfers: number
  readonly seconds: number
}

export interface VerifyFailure {
  /** The first bad height. */
  readonly height: number
  /** The rule that its cheese breaks, or `store`: what is stored beside the cheeses is not what comes out of them. */
  readonly code: RuleCode | 'store'
  readonly message: string
}

export interface VerifyOptions {
  readonly progress?: (height: number, tip: number) => void
  /** An empty store for the accounts made afresh; memory by default. */
  readonly scratch?: Store
}

/** Cheeses that are looked at while those below are applied, so that all cores verify signatures all the time; and bytes of their bodies. */
const WINDOW = 48
const WINDOW_BYTES = 4_194_304
/** Of accounts and tree nodes made afresh, that wait to be written into the scratch store. */
const SCRATCH_BYTES = 33_554_432

/** A run of `verifyStack`. */
interface Run {
  readonly core: StackCore
  readonly fresh: AccountsState
  readonly scratch: Store
  readonly badSignature: BadSignature
  /** Rewards by height, as far back as they ripen. */
  readonly rewards: Map<number, Ripe>
  /** Where each transfer was found. */
  readonly places: PlaceSum
}

/** A cheese that was looked at before its turn: all that can be told of it without the accounts. */
interface Looked extends LookedAt {
  readonly node: HeaderNode
  readonly header: Header
  /** Bytes of its body. */
  readonly size: number
}

interface Waiting {
  readonly looking: Promise<Result<Looked, RuleError>>
  readonly size: number
}

class Mismatch extends Error {}

function expectThat(condition: boolean, message: string): void {
  if (!condition) throw new Mismatch(message)
}

/** Checks every rule of every cheese of the main stack with accounts made afresh, and that what is stored agrees. */
export async function verifyStack(
  core: StackCore,
  options: VerifyOptions & { readonly clock: Clock; readonly verifier: Verifier },
): Promise<Result<Verified, VerifyFailure>> {
  const { clock, verifier, progress } = options
  const scratch = options.scratch ?? mapStore()
  const badSignature = signatureCheck(verifier, core.params)
  const run: Run = { core, scratch, fresh: new AccountsState(scratch), badSignature, rewards: new Map(), places: new PlaceSum() }
  const started = clock.now()
  const { tip } = core
  let height = 0
  const failure = async (code: RuleCode | 'store', message: string): Promise<Result<Verified, VerifyFailure>> => {
    const before = await firstWrongPlace(core, height - 1)
    return err(before === undefined ? { height, code, message } : { height: before, code: 'store', message: WRONG_PLACE })
  }
  try {
    verifyBlue(core)
    for await (const { looking } of lookAhead(run)) {
      height++
      const checked = await verifyAt(run, height, await looking)
      if (!checked.ok) return failure(checked.error.code, checked.error.message)
      progress?.(height, tip.height)
      await pause()
    }
    height = tip.height
    await compareAccounts(run)
    if (!run.places.equals(await storedPlaces(core))) {
      height = (await firstWrongPlace(core, tip.height)) ?? tip.height
      return err({ height, code: 'store', message: WRONG_PLACE })
    }
  } catch (error) {
    if (error instanceof Mismatch || (error instanceof StoreError && error.code === 'damaged')) return failure('store', error.message)
    throw error
  }
  const seconds = (clock.now() - started) / 1000
  return ok({ height: tip.height, tip: tip.smell, accountsRoot: run.fresh.root(), cheeses: tip.height + 1, transfers: run.places.count, seconds })
}

const WRONG_PLACE = 'the stored index of transfers is another one'

function verifyBlue(core: StackCore): void {
  const { blue } = core.params
  const node = core.mainAt(0) as HeaderNode
  expectThat(equalBytes(encodeHeader(node.header), encodeHeader(blue.header)), 'the stored blue cheese is another one')
  expectThat(equalBytes(core.bodyBytes(node) ?? new Uint8Array(), encodeBody(blue.body)), "the stored blue cheese's body is another one")
}

/** Every cheese from height 1 up, in order, looked at up to a window ahead. What is wrong with one comes out when its turn has come. */
async function* lookAhead(run: Run): AsyncGenerator<Waiting> {
  const { tip } = run.core
  const waiting: Waiting[] = []
  let bytes = 0
  for (let next = 1; next <= tip.height || waiting.length > 0; ) {
    if (next <= tip.height && waiting.length < WINDOW && bytes < WINDOW_BYTES) {
      const looking = lookAtHeight(run, next++)
      // One after the other: several at once would make longer turns of the main loop.
      const size = await looking.then(
        (looked) => (looked.ok ? looked.value.size : 0),
        () => 0,
      )
      waiting.push({ looking, size })
      bytes += size
      continue
    }
    const first = waiting.shift() as Waiting
    bytes -= first.size
    yield first
  }
}

/** Everything about one stored cheese that needs no accounts; its signatures are being verified when it resolves. */
async function lookAtHeight({ core, badSignature }: Run, height: number): Promise<Result<Looked, RuleError>> {
  const node = core.mainAt(height) as HeaderNode
  expectThat(node.parentSmell === core.mainSmell(height - 1), 'the stored index of heights is another one')
  const header = decodeHeader(core.index.record(node).header)
  if (!header.ok) return header
  expectThat(smellHex(header.value) === node.smell, 'a header is stored under another smell')
  const broken = checkHeader(header.value, contextOn(node.parent as HeaderNode), core.params)
  if (broken) return err(broken)
  const bytes = core.store.get(bodyKey(node.smellBytes))
  if (!bytes) throw new Mismatch('the body is missing')
  return ok({ ...(await lookAt(bytes, header.value, height, badSignature)), node, header: header.value, size: bytes.length })
}

/** Applies the cheese of one height, whose transfers' places it notes. */
async function verifyAt(run: Run, height: number, looked: Result<Looked, RuleError>): Promise<Result<void, RuleError>> {
  const { core, fresh, rewards, places } = run
  const { params, store } = core
  if (!looked.ok) return looked
  const { node, header, body, bad } = looked.value
  if (!body.ok) return body
  const pacer = new Pacer()
  const ripe = rewards.get(height - params.ripening)
  rewards.delete(height - params.ripening)
  const verdict = await judge({ header, height, body: body.value, accounts: fresh, tree: fresh, ripe, badSignature: () => bad, pacer })
  if (!verdict.ok) return verdict
  const { applied, update } = verdict.value
  const reward = { to: body.value.reward.to, amount: subsidyAt(height) + applied.fees }
  rewards.set(height, reward)

  const facts = core.facts(node)
  expectThat(equalBytes(facts.rewardTo, reward.to) && facts.rewardAmount === reward.amount, 'the stored reward is another one')
  expectThat(
    equalBytes(store.get(undoKey(node.smellBytes)) ?? new Uint8Array(1), await pacer.run(encodeUndoSteps(applied.undo))),
    'the stored undo is another one',
  )
  expectThat(toHex(store.get(indexKey(height)) ?? new Uint8Array()) === node.smell, 'the stored index of heights is another one')
  for (const [position, id] of (await pacer.run(idsSteps(body.value, params))).entries()) places.add(id, height, position)

  fresh.take({ changes: applied.changes, update })
  if (fresh.bytes.taken > SCRATCH_BYTES) await write(run)
  return ok(undefined)
}

/** Writes the accounts made so far into the scratch store. */
async function write({ fresh, scratch }: Run): Promise<void> {
  await scratch.batch(fresh.ops())
  fresh.written(true)
}

/** Whether the stored accounts are those that came out. */
async function compareAccounts(run: Run): Promise<void> {
  const { core, fresh, scratch } = run
  await write(run)
  const wanted = await count(scratch)
  let found = 0
  for await (const [key, value] of core.store.entries(accountRange)) {
    found++
    const account = decodeAccount(value)
    const made = fresh.get(addressInKey(key))
    expectThat(made?.balance === account.balance && made.sequence === account.sequence, `the stored account ${toHex(addressInKey(key))} is another one`)
    if (found % 5000 === 0) await pause()
  }
  expectThat(found === wanted, `${found} accounts are stored where there should be ${wanted}`)
  expectThat(equalBytes(core.accounts.root(), fresh.root()), 'the stored accounts tree is another one')
}

async function count(scratch: Store): Promise<number> {
  let total = 0
  for await (const _entry of scratch.entries(accountRange)) total++
  return total
}

/** The least that `Run.scratch` needs, in memory. */
function mapStore(): Store {
  const map = new Map<string, readonly [Uint8Array, Uint8Array]>()
  return {
    get: (key) => map.get(toHex(key))?.[1],
    async batch(ops: Iterable<StoreOp>) {
      const pacer = new Pacer()
      for (const op of ops) {
        if (pacer.isLate) await pacer.pause()
        if (op.type === 'put') map.set(toHex(op.key), [op.key, op.value])
        else map.delete(toHex(op.key))
      }
    },
    async *entries({ gte, lt }) {
      const [from, to] = [gte ? toHex(gte) : '', lt ? toHex(lt) : 'g']
      for (const [key, entry] of map) if (key >= from && key < to) yield entry
    },
    async close() {},
  }
}

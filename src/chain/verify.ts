import { decodeHeader, encodeBody, encodeHeader } from '../consensus/codec.ts'
import { checkBodySteps } from '../consensus/connect.ts'
import type { RuleCode } from '../consensus/errors.ts'
import { smellHex } from '../consensus/hash.ts'
import { checkHeader } from '../consensus/header.ts'
import { subsidyAt } from '../consensus/reward.ts'
import type { Smell } from '../consensus/types.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Clock } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { AccountsState } from './accounts-state.ts'
import type { StackCore } from './core.ts'
import { contextOn, type HeaderNode } from './header-index.ts'
import { type JudgeInput, judge, type Ripe, signatureCheck } from './judge.ts'
import { accountRange, addressInKey, bodyKey, indexKey, transferKey, undoKey } from './keys.ts'
import { Pacer, pause } from './pause.ts'
import { decodeAccount, decodePair, encodeUndoSteps } from './records.ts'
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

/** A run of `verifyStack`. */
interface Run {
  readonly core: StackCore
  readonly fresh: AccountsState
  readonly scratch: Store
  readonly badSignature: JudgeInput['badSignature']
  /** Rewards by height, as far back as they ripen. */
  readonly rewards: Map<number, Ripe>
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
  const run: Run = { core, scratch, fresh: new AccountsState(scratch), badSignature: signatureCheck(verifier), rewards: new Map() }
  const started = clock.now()
  const { tip } = core
  let transfers = 0
  let height = 0
  try {
    verifyBlue(core)
    for (height = 1; height <= tip.height; height++) {
      const checked = await verifyAt(run, core.main[height] as HeaderNode)
      if (!checked.ok) return checked
      transfers += checked.value
      progress?.(height, tip.height)
      await pause()
    }
    height = tip.height
    await compareAccounts(run)
  } catch (error) {
    if (error instanceof Mismatch || (error instanceof StoreError && error.code === 'damaged')) return err({ height, code: 'store', message: error.message })
    throw error
  }
  const seconds = (clock.now() - started) / 1000
  return ok({ height: tip.height, tip: tip.smell, accountsRoot: run.fresh.root(), cheeses: tip.height + 1, transfers, seconds })
}

function verifyBlue(core: StackCore): void {
  const { blue } = core.params
  const node = core.main[0] as HeaderNode
  expectThat(equalBytes(encodeHeader(node.header), encodeHeader(blue.header)), 'the stored blue cheese is another one')
  expectThat(equalBytes(core.bodyBytes(node) ?? new Uint8Array(), encodeBody(blue.body)), "the stored blue cheese's body is another one")
}

/** Checks the cheese of one height; tells how many transfers it has. */
async function verifyAt({ core, fresh, scratch, badSignature, rewards }: Run, node: HeaderNode): Promise<Result<number, VerifyFailure>> {
  const { params, store } = core
  const { height, smellBytes } = node
  const header = decodeHeader(core.record(node).header)
  if (!header.ok) return err({ height, code: header.error.code, message: header.error.message })
  expectThat(smellHex(header.value) === node.smell, 'a header is stored under another smell')
  const broken = checkHeader(header.value, contextOn(node.parent as HeaderNode), params)
  if (broken) return err({ height, code: broken.code, message: broken.message })
  const bytes = store.get(bodyKey(smellBytes))
  expectThat(bytes !== undefined, 'the body is missing')
  const pacer = new Pacer()
  const body = await pacer.run(checkBodySteps(bytes as Uint8Array, header.value, height))
  if (!body.ok) return err({ height, code: body.error.code, message: body.error.message })

  const ripe = rewards.get(height - params.ripening)
  rewards.delete(height - params.ripening)
  const verdict = await judge({ header: header.value, height, body: body.value, accounts: fresh, tree: fresh, ripe, params, badSignature, pacer })
  if (!verdict.ok) return err({ height, code: verdict.error.code, message: verdict.error.message })
  const { applied, update } = verdict.value
  const reward = { to: body.value.reward.to, amount: subsidyAt(height) + applied.fees }
  rewards.set(height, reward)

  const facts = core.facts(node)
  expectThat(equalBytes(facts.rewardTo, reward.to) && facts.rewardAmount === reward.amount, 'the stored reward is another one')
  expectThat(equalBytes(store.get(undoKey(smellBytes)) ?? new Uint8Array(1), await pacer.run(encodeUndoSteps(applied.undo))), 'the stored undo is another one')
  expectThat(toHex(store.get(indexKey(height)) ?? new Uint8Array()) === node.smell, 'the stored index of heights is another one')
  for (const [position, id] of (await pacer.run(idsSteps(body.value, params))).entries()) {
    const place = store.get(transferKey(id))
    const [at, index] = place ? decodePair(place) : []
    expectThat(at === height && index === position, 'the stored index of transfers is another one')
    if (pacer.isLate) await pacer.pause()
  }

  const step = { changes: applied.changes, update }
  const ops = await pacer.run(fresh.opsSteps(step))
  fresh.begin(step)
  await scratch.batch(ops)
  fresh.done(true)
  return ok(body.value.transfers.length)
}

/** Whether the stored accounts are those that came out. */
async function compareAccounts({ core, fresh, scratch }: Run): Promise<void> {
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
    async batch(ops: readonly StoreOp[]) {
      for (const op of ops) {
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

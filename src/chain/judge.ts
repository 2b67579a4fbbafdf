import { type Applied, applyBodySteps } from '../consensus/connect.ts'
import { type RuleError, ruleError } from '../consensus/errors.ts'
import { relayId } from '../consensus/hash.ts'
import type { TreeUpdate } from '../consensus/tree.ts'
import type { AccountChanges, AccountsReader, Body, Header, Params, SignatureJob, Transfer } from '../consensus/types.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { Steps } from '../util/steps.ts'
import { Pacer } from './pause.ts'
import type { Verifier } from './verifier.ts'

/** A reward that is credited now. */
export interface Ripe {
  readonly to: Uint8Array
  /** Subsidy and fees, in crumbs. */
  readonly amount: bigint
}

export interface JudgeInput {
  readonly header: Pick<Header, 'accountsRoot'>
  readonly height: number
  /** A body that passed `checkBody`. */
  readonly body: Body
  /** The accounts as the cheese below leaves them, and their tree. */
  readonly accounts: AccountsReader
  readonly tree: { updateSteps(changes: AccountChanges): Steps<TreeUpdate> }
  readonly ripe: Ripe | undefined
  readonly params: Params
  /** Tells which signatures are bad. */
  readonly badSignature: (applied: Applied, transfers: readonly Transfer[]) => Promise<number | undefined>
  readonly pacer: Pacer
}

export interface Verdict {
  readonly applied: Applied
  readonly update: TreeUpdate
}

/** The rules from the transfers in order on: transfers, signatures, accounts root. The first that is broken is returned. */
export async function judge(input: JudgeInput): Promise<Result<Verdict, RuleError>> {
  const { header, height, body, accounts, ripe, params, pacer } = input
  const applied = await pacer.run(applyBodySteps({ body, height, accounts, ripe, params }))
  if (!applied.ok) return applied
  // Threads verify while this one does the tree.
  const verifying = input.badSignature(applied.value, body.transfers)
  verifying.catch(() => undefined) // awaited below, unless the tree throws first
  const update = await pacer.run(input.tree.updateSteps(applied.value.changes))
  const bad = await verifying
  if (bad !== undefined) return err(ruleError('signature', `the signature of transfer ${bad} does not fit its sender`, bad))
  if (!equalBytes(update.root, header.accountsRoot)) {
    return err(ruleError('accounts-root', `the accounts root is ${toHex(update.root)}, and the header says ${toHex(header.accountsRoot)}`))
  }
  return ok({ applied: applied.value, update })
}

/**
 * Finds the first bad signature of a cheese.
 * @param isVerified tells of a relay id (hex), which covers the signature, whether its transfer was verified before
 */
export function signatureCheck(verifier: Verifier, isVerified?: (relayIdHex: string) => boolean): JudgeInput['badSignature'] {
  return async ({ signatures }, transfers) => {
    const open = isVerified ? await new Pacer().run(openSteps(transfers, isVerified)) : [...transfers.keys()]
    if (open.length === 0) return undefined
    const good = await verifier.verify(open.map((index) => signatures[index] as SignatureJob))
    return open.find((_, i) => good[i] !== true)
  }
}

function* openSteps(transfers: readonly Transfer[], isVerified: (relayIdHex: string) => boolean): Steps<number[]> {
  const open: number[] = []
  for (const [index, transfer] of transfers.entries()) {
    if (!isVerified(toHex(relayId(transfer)))) open.push(index)
    yield
  }
  return open
}

import { type Applied, applyBodySteps, signatureJob } from '../consensus/connect.ts'
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

/** Tells which of a cheese's signatures is the first bad one; undefined: all are good. */
export type BadSignature = (transfers: readonly Transfer[]) => Promise<number | undefined>

export interface JudgeInput {
  readonly header: Pick<Header, 'accountsRoot'>
  readonly height: number
  /** A body that passed `checkBody`. */
  readonly body: Body
  /** The accounts as the cheese below leaves them, and their tree. */
  readonly accounts: AccountsReader
  readonly tree: { updateSteps(changes: AccountChanges): Steps<TreeUpdate> }
  readonly ripe: Ripe | undefined
  /** Asked once the transfers have been applied; what it tells may have been found out before. */
  readonly badSignature: BadSignature
  readonly pacer: Pacer
}

export interface Verdict {
  readonly applied: Applied
  readonly update: TreeUpdate
}

/** The rules from the transfers in order on: transfers, signatures, accounts root. The first that is broken is returned. */
export async function judge(input: JudgeInput): Promise<Result<Verdict, RuleError>> {
  const { header, height, body, accounts, ripe, pacer } = input
  const applied = await pacer.run(applyBodySteps({ body, height, accounts, ripe }))
  if (!applied.ok) return applied
  // Threads verify while this one does the tree.
  const verifying = input.badSignature(body.transfers)
  verifying.catch(() => undefined) // awaited below, unless the tree throws first
  const update = await pacer.run(input.tree.updateSteps(applied.value.changes))
  const bad = await verifying
  if (bad !== undefined) return err(ruleError('signature', `the signature of transfer ${bad} does not fit its sender`, bad))
  if (!equalBytes(update.root, header.accountsRoot)) {
    return err(ruleError('accounts-root', `the accounts root is ${toHex(update.root)}, and the header says ${toHex(header.accountsRoot)}`))
  }
  return ok({ applied: applied.value, update })
}

/** Signatures that are handed to the verifier while the next ones are still being prepared: some tens of milliseconds of a thread. */
const PART = 256

/**
 * Finds the first bad signature of a cheese.
 * @param isVerified tells of a relay id (hex), which covers the signature, whether its transfer was verified before
 */
export function signatureCheck(verifier: Verifier, params: Pick<Params, 'blueSmell'>, isVerified?: (relayIdHex: string) => boolean): BadSignature {
  return async (transfers) => {
    const open: number[] = []
    const parts: Promise<readonly boolean[]>[] = []
    const ask = (jobs: readonly SignatureJob[]) => {
      const part = verifier.verify(jobs)
      part.catch(() => undefined) // awaited below
      parts.push(part)
    }
    await new Pacer().run(
      (function* () {
        let jobs: SignatureJob[] = []
        for (const [index, transfer] of transfers.entries()) {
          yield
          if (isVerified?.(toHex(relayId(transfer)))) continue
          open.push(index)
          jobs.push(signatureJob(transfer, params))
          if (jobs.length < PART) continue
          ask(jobs)
          jobs = []
        }
        if (jobs.length > 0) ask(jobs)
      })(),
    )
    const good = (await Promise.all(parts)).flat()
    return open.find((_, i) => good[i] !== true)
  }
}

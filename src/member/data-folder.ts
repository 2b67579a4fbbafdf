import { join } from 'node:path'
import { Failure } from '../api/errors.ts'
import type { NetworkName } from '../api/schemas.ts'
import type { Files } from '../util/files.ts'
import { diskFailure } from './disk-failure.ts'

/** Version of the folder's layout; a higher one was written by a newer Cheese Stack. */
const SCHEMA = 1

/** The parts of a member's data folder. A damaged `chain` can be thrown away without touching the others. */
export interface DataFolder {
  readonly root: string
  /** Says whose network the folder is. */
  readonly mark: string
  readonly chain: string
  readonly wallet: string
  /** The words, encrypted. */
  readonly vault: string
  readonly sent: string
  readonly net: string
  readonly tracker: string
  /** Waiting transfers of the last run. */
  readonly mempool: string
  /** What this member remembers of its own settings: joined trackers and the like. */
  readonly settings: string
  /** What mining found, and should have found. */
  readonly mining: string
  /** How fast this machine's mining kernels were when they were measured. */
  readonly kernels: string
}

/** Where the parts of the data folder at `root` are; touches nothing. */
export function dataFolder(root: string): DataFolder {
  return {
    root,
    mark: join(root, 'network.json'),
    chain: join(root, 'chain'),
    wallet: join(root, 'wallet'),
    vault: join(root, 'wallet', 'vault.age'),
    sent: join(root, 'wallet', 'sent'),
    net: join(root, 'net'),
    tracker: join(root, 'tracker'),
    mempool: join(root, 'mempool.dat'),
    settings: join(root, 'member.json'),
    mining: join(root, 'mining.json'),
    kernels: join(root, 'kernels.json'),
  }
}

function readMark(bytes: Uint8Array): { schema: number; network: string } | undefined {
  try {
    const mark: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof mark !== 'object' || mark === null) return undefined
    const { schema, network } = mark as Record<string, unknown>
    return typeof schema === 'number' && typeof network === 'string' ? { schema, network } : undefined
  } catch {
    return undefined
  }
}

/**
 * Makes sure that the folder at `root` is, or becomes, one for `network`, and that it can be written to.
 * Throws a `Failure`: DATA_OTHER_NETWORK, DATA_NEWER, DISK_FULL or DISK_READ_ONLY.
 */
export async function claimDataFolder(root: string, network: NetworkName, files: Files): Promise<DataFolder> {
  const path = dataFolder(root).mark
  const bytes = await files.read(path).catch((error: unknown) => {
    throw diskFailure(error)
  })
  const mark = bytes && readMark(bytes)
  if (bytes && !mark) {
    throw new Failure(
      'STORE_DAMAGED',
      `${path} cannot be read. If this folder is a member's, write {"schema":1,"network":"${network}"} into that file; otherwise choose another folder with --data-dir.`,
    )
  }
  if (mark && mark.network !== network) {
    throw new Failure(
      'DATA_OTHER_NETWORK',
      `The folder ${root} belongs to the ${mark.network} network, not to ${network}. Start with --network ${mark.network}, or choose another folder with --data-dir.`,
    )
  }
  if (mark && mark.schema > SCHEMA) {
    throw new Failure('DATA_NEWER', `The folder ${root} was written by a newer Cheese Stack. Install that version, or choose another folder with --data-dir.`)
  }
  try {
    // Written at each start, so that a full or read-only disk is found now and not when the first cheese is to be stored.
    // As a secret, so that the folder is made closed: who pays whom is nobody else's business, on this machine either.
    await files.write(path, new TextEncoder().encode(`${JSON.stringify({ schema: SCHEMA, network })}\n`), { secret: true })
  } catch (error) {
    throw diskFailure(error)
  }
  return dataFolder(root)
}

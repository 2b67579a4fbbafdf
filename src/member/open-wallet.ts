import type { Params } from '../consensus/params.ts'
import type { Identity } from '../net/identity.ts'
import { systemClock } from '../platform/clock.ts'
import { systemFiles } from '../platform/files.ts'
import { systemRandom } from '../platform/random.ts'
import { openVaultCipher } from '../platform/vault-cipher.ts'
import type { Logger } from '../util/ports.ts'
import type { Store } from '../util/store.ts'
import type { ChainPort, DirectoryPort } from '../wallet/ports.ts'
import { Wallet } from '../wallet/wallet.ts'
import type { Closers } from './closers.ts'
import type { MemberOptions } from './options.ts'
import { OwnCard } from './own-card.ts'

/** Of vaults on regtest, log2: its cheese is worth nothing, and tests open vaults all the time (wallet/age.ts has the real one). */
const REGTEST_WORK_FACTOR = 14

export interface OpenWallet {
  readonly params: Params
  /** Where its files lie. */
  readonly dir: string
  /** Its records of what was sent. */
  readonly store: Store
  readonly chain: ChainPort
  readonly directory: DirectoryPort
  readonly identity: Identity
  readonly workers: Pick<MemberOptions['workers'], 'vault'>
  /** Name and version of our software, for the card. */
  readonly software: string
  /** A nickname that was chosen before there was a wallet. */
  readonly nickname: () => string | undefined
  /** Of the stack. */
  readonly height: () => number
  readonly log: Logger
}

/** The name that others see before a person has chosen one. */
export function defaultNickname(memberId: string): string {
  return `Member ${memberId.slice(0, 4)}`
}

/** Opens the wallet of a data folder, and the card that shows it to others. */
export async function openWallet(options: OpenWallet, closers: Closers): Promise<{ wallet: Wallet; ownCard: OwnCard }> {
  const { params, identity, workers, software, height } = options
  let wallet: Wallet | undefined
  const ownCard = new OwnCard({
    identity,
    params,
    clock: systemClock,
    software,
    certificate: () => wallet?.certificate,
    nickname: () => wallet?.nickname ?? options.nickname() ?? defaultNickname(identity.memberId),
    height,
  })
  const cipher = openVaultCipher({ workerUrl: workers.vault, ...(params.network === 'regtest' ? { workFactor: REGTEST_WORK_FACTOR } : {}) })
  closers.add('the vault', () => cipher.close())
  const { dir, store, chain, directory, log } = options
  const opened = await Wallet.open({
    dir,
    files: systemFiles,
    store,
    chain,
    directory,
    params,
    clock: systemClock,
    random: systemRandom,
    cipher,
    certify: (request) => ownCard.certify(request),
    isCurrent: (bytes) => ownCard.isCurrent(bytes),
    log,
  })
  wallet = opened
  closers.add('the wallet', () => opened.close())
  return { wallet, ownCard }
}

import { createReadStream } from 'node:fs'
import { open as openFile, rename, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Failure } from '../api/errors.ts'
import type { NetworkName } from '../api/schemas.ts'
import { CheeseStack } from '../chain/stack.ts'
import type { Verifier } from '../chain/verifier.ts'
import { formatAddress } from '../consensus/address.ts'
import { params as paramsOf } from '../consensus/params.ts'
import { Mempool } from '../mempool/mempool.ts'
import type { Identity } from '../net/identity.ts'
import { openIdentity } from '../net/identity-file.ts'
import { systemClock } from '../platform/clock.ts'
import { systemFiles } from '../platform/files.ts'
import { makeIdentity } from '../platform/identity-maker.ts'
import { toStoreError } from '../platform/io-errors.ts'
import { openClassicStore } from '../platform/store-classic.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { openInlineVerifier } from '../platform/verify-inline.ts'
import { openVerifyPool } from '../platform/verify-pool.ts'
import { toHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import type { Wallet } from '../wallet/wallet.ts'
import { parseWords } from '../wallet/words.ts'
import { Closers } from './closers.ts'
import { claimDataFolder, type DataFolder, dataFolder } from './data-folder.ts'
import { diskFailure } from './disk-failure.ts'
import { defaultNickname, openWallet } from './open-wallet.ts'
import type { MemberOptions } from './options.ts'
import { walletChain } from './wallet-chain.ts'

/** What is done to a data folder while no member runs in it. Everything throws `Failure`s. */
export interface Offline {
  readonly dataDir: string
  readonly network: NetworkName
  readonly workers: MemberOptions['workers']
  readonly nativeAddon?: MemberOptions['nativeAddon']
  readonly log: Logger
}

/** Runs `job` with what it opened closed afterwards, and disk trouble told in words. */
async function tidily<T>(log: Logger, job: (closers: Closers) => Promise<T>): Promise<T> {
  const closers = new Closers()
  try {
    return await job(closers)
  } catch (error) {
    throw diskFailure(error)
  } finally {
    await closers.closeAll(log)
  }
}

/** Throws unless a member's data folder is there: a mistyped one must not be taken for an empty stack that holds. */
async function requireDataFolder({ dataDir }: Offline): Promise<void> {
  if (await systemFiles.read(dataFolder(dataDir).mark)) return
  throw new Failure('NOT_FOUND', `${dataDir} is no data folder of Cheese Stack: name the one of a member that has run, with --data-dir.`)
}

async function openFor(options: Offline, closers: Closers): Promise<{ stack: CheeseStack; verifier: Verifier; folder: DataFolder }> {
  const params = paramsOf(options.network)
  const folder = await claimDataFolder(options.dataDir, options.network, systemFiles)
  const verifier = openVerifyPool({
    workerUrl: options.workers.verify,
    nativeAddon: options.nativeAddon,
    threads: availableParallelism(),
    log: options.log,
  })
  closers.add('the signature verifier', () => verifier.close())
  const store = await openClassicStore(folder.chain)
  let stack: CheeseStack
  try {
    stack = await CheeseStack.open({ store, params, clock: systemClock, log: options.log, verifier })
  } catch (error) {
    await store.close()
    throw error
  }
  closers.add('the cheese stack', () => stack.close())
  return { stack, verifier, folder }
}

/** A wallet whose stack is not looked at: for what concerns the vault alone. */
async function openVault(options: Offline, closers: Closers): Promise<{ wallet: Wallet; identity: Identity }> {
  const { log, workers } = options
  const params = paramsOf(options.network)
  const folder = await claimDataFolder(options.dataDir, options.network, systemFiles)
  const identity = await openIdentity(systemFiles, `${folder.net}/identity.json`, log, () => makeIdentity(workers.identity))
  const verifier = openInlineVerifier()
  const stack = await CheeseStack.open({ store: openMemoryStore(), params, clock: systemClock, log, verifier })
  const mempool = new Mempool({ params, chain: { height: () => 0, account: () => undefined }, verifier, clock: systemClock })
  const { wallet } = await openWallet(
    {
      params,
      dir: folder.wallet,
      store: openMemoryStore(),
      chain: walletChain(stack, mempool, () => undefined),
      directory: { members: () => [] },
      identity,
      workers,
      software: '',
      nickname: () => undefined,
      height: () => 0,
      log,
    },
    closers,
  )
  return { wallet, identity }
}

/** Throws unless there is a wallet in the data folder: before a passphrase is asked for. */
export function requireWallet({ dataDir, log }: Pick<Offline, 'dataDir' | 'log'>): Promise<void> {
  return tidily(log, async () => {
    if (await systemFiles.read(dataFolder(dataDir).vault)) return
    throw new Failure('WALLET_MISSING', `There is no wallet in ${dataDir}: name the data folder of a member that has one, with --data-dir.`)
  })
}

/** Throws unless `text` can be a wallet's words: before a passphrase is asked for, and before anything is written. */
export function requireWords(text: string): void {
  const parsed = parseWords(text)
  if (!parsed.ok) throw new Failure('BAD_WORDS', parsed.error)
}

/** The words of the wallet in a data folder. */
export function words(options: Offline & { readonly passphrase: string }): Promise<string[]> {
  return tidily(options.log, async (closers) => [...(await (await openVault(options, closers)).wallet.words(options.passphrase))])
}

/** Makes a wallet from its words in a data folder that has none. */
export function restore(options: Offline & { readonly words: string; readonly passphrase: string; readonly nickname?: string }): Promise<{ address: string }> {
  return tidily(options.log, async (closers) => {
    const { wallet, identity } = await openVault(options, closers)
    await wallet.restore({ words: options.words, passphrase: options.passphrase, nickname: options.nickname ?? defaultNickname(identity.memberId) })
    if (!wallet.address) throw new Error('bug: a restored wallet has an address')
    return { address: formatAddress(wallet.address, paramsOf(options.network)) }
  })
}

export interface VerifyReport {
  readonly height: number
  readonly tip: string
  readonly accountsRoot: string
  readonly cheeses: number
  readonly transfers: number
  readonly seconds: number
  readonly cheesesPerSecond: number
  readonly transfersPerSecond: number
}

/** Checks the whole stored stack from the blue cheese up: every rule, and that what is stored beside it agrees. */
export function verify(options: Offline): Promise<VerifyReport> {
  return tidily(options.log, async (closers) => {
    await requireDataFolder(options)
    const { stack } = await openFor(options, closers)
    const checked = await stack.verify()
    if (!checked.ok) {
      const { height, code, message } = checked.error
      throw new Failure(
        'STORE_DAMAGED',
        `The stored stack is bad at height ${height} (${code}): ${message}. Start the member: it sets the stack aside and rebuilds it; or load a dump into a fresh folder.`,
      )
    }
    const { accountsRoot, seconds, cheeses, transfers, ...rest } = checked.value
    const rate = (count: number) => (seconds > 0 ? count / seconds : 0)
    return { ...rest, accountsRoot: toHex(accountsRoot), cheeses, transfers, seconds, cheesesPerSecond: rate(cheeses), transfersPerSecond: rate(transfers) }
  })
}

/** Writes the stack from height 0 up into a file, which appears only when it is whole. */
export function dump(options: Offline & { readonly file: string }): Promise<{ height: number; tip: string; bytes: number }> {
  return tidily(options.log, async (closers) => {
    await requireDataFolder(options)
    const { stack } = await openFor(options, closers)
    const partial = `${options.file}.part`
    try {
      const handle = await openFile(partial, 'w')
      try {
        const written = await stack.dump(async (bytes) => {
          await handle.writeFile(bytes)
        })
        await handle.sync()
        await handle.close()
        await rename(partial, options.file)
        return written
      } catch (error) {
        await handle.close().catch(() => undefined)
        throw error
      }
    } catch (error) {
      await rm(partial, { force: true }).catch(() => undefined)
      if (error instanceof Failure) throw error
      const told = toStoreError(error, options.file)
      if (told.code !== 'failed') throw told
      throw new Failure('BAD_INPUT', `${options.file} cannot be written: check that its folder is there and that this is not itself a folder.`)
    }
  })
}

/** Reads a dump into the store, checking everything; keeps what was good of a damaged one. */
export function load(options: Offline & { readonly file: string }): Promise<{ height: number; tip: string }> {
  return tidily(options.log, async (closers) => {
    const source = await openFile(options.file).catch(() => {
      throw new Failure('BAD_INPUT', `${options.file} cannot be read: check the name and the permissions of the file.`)
    })
    await source.close()
    const { stack } = await openFor(options, closers)
    const loaded = await stack.load(createReadStream(options.file))
    if (!loaded.ok) {
      const { height, code, message } = loaded.error
      const kept = `The stack stands at height ${stack.tip.height}.`
      throw new Failure(
        'BAD_INPUT',
        code === 'foreign'
          ? `The cheese at height 0 is bad (foreign): ${message} Nothing was loaded.`
          : `The cheese at height ${height} is bad (${code}): ${message}. What came before it was kept. ${kept}`,
      )
    }
    const { height, tip } = loaded.value
    return { height, tip }
  })
}

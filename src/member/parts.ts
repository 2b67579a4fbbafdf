import { availableParallelism } from 'node:os'
import { Failure } from '../api/errors.ts'
import type { CheeseStack } from '../chain/stack.ts'
import type { Verifier } from '../chain/verifier.ts'
import { addressOf } from '../consensus/address.ts'
import { type Params, params as paramsOf } from '../consensus/params.ts'
import { Mempool } from '../mempool/mempool.ts'
import type { Miner } from '../mining/miner.ts'
import type { Yielder } from '../mining/yielder.ts'
import { chainPort, mempoolPort } from '../net/adapters.ts'
import type { Identity } from '../net/identity.ts'
import { openIdentity } from '../net/identity-file.ts'
import { Network } from '../net/network.ts'
import type { HostPort, Transport } from '../net/transport.ts'
import { systemClock } from '../platform/clock.ts'
import { systemFiles } from '../platform/files.ts'
import { makeIdentity } from '../platform/identity-maker.ts'
import { ownAddresses } from '../platform/interfaces.ts'
import { lanWire } from '../platform/lan.ts'
import { nodeVerifier } from '../platform/network-verify.ts'
import { portMappers } from '../platform/port-mapping.ts'
import { systemRandom } from '../platform/random.ts'
import { outward } from '../platform/socks.ts'
import { openClassicStore } from '../platform/store-classic.ts'
import { tlsTransport } from '../platform/tls-transport.ts'
import { trackerAnswers } from '../platform/tracker-answers.ts'
import { openVerifyPool, type VerifyPool } from '../platform/verify-pool.ts'
import { parseHostPort } from '../util/ip.ts'
import { checkNickname } from '../util/nickname.ts'
import type { Logger } from '../util/ports.ts'
import type { Result } from '../util/result.ts'
import type { Store } from '../util/store.ts'
import type { Wallet } from '../wallet/wallet.ts'
import type { Closers } from './closers.ts'
import { claimDataFolder, type DataFolder } from './data-folder.ts'
import { gather } from './members-service.ts'
import type { MiningRecords } from './mining-records.ts'
import { openMiner } from './open-miner.ts'
import { openStack } from './open-stack.ts'
import { openWallet } from './open-wallet.ts'
import type { MemberOptions } from './options.ts'
import type { OwnCard } from './own-card.ts'
import type { Problems } from './problems.ts'
import { parseProxy } from './proxy.ts'
import { Reach, type Way } from './reach.ts'
import { MemberSettings } from './settings.ts'
import { Trackers } from './trackers.ts'
import { walletChain } from './wallet-chain.ts'

/** Everything that a member is made of, open. */
export interface Parts {
  readonly params: Params
  readonly folder: DataFolder
  readonly settings: MemberSettings
  readonly verifier: VerifyPool
  readonly stack: CheeseStack
  readonly mempool: Mempool
  readonly identity: Identity
  readonly wallet: Wallet
  readonly ownCard: OwnCard
  readonly network: Network
  readonly trackers: Trackers
  readonly reach: Reach
  readonly miner: Miner
  readonly yielder: Yielder
  readonly records: MiningRecords
}

function hostPortOf(parsed: Result<HostPort, string>): HostPort {
  if (!parsed.ok) throw new Failure('BAD_INPUT', parsed.error)
  return parsed.value
}

async function openMempool(stack: CheeseStack, verifier: Verifier, folder: DataFolder, closers: Closers, log: Logger): Promise<Mempool> {
  const chain = { height: () => stack.tip.height, account: (address: Uint8Array) => stack.account(address) }
  const mempool = new Mempool({ params: stack.params, chain, verifier, clock: systemClock, log: log.child('mempool') })
  const bytes = await systemFiles.read(folder.mempool)
  if (bytes) {
    const restored = await mempool.restore(bytes)
    if (restored.ok) {
      const { taken, refused, damaged } = restored.value
      if (taken + refused + damaged > 0) log.info('waiting transfers were taken over', { taken, refused, damaged })
    } else log.warn('the waiting transfers of the last run could not be read', { why: restored.error.message })
  }
  // First of all that hear of a new tip, so that everybody else finds the mempool up to date.
  stack.events.on('tip', (change) => mempool.handleTip(change))
  closers.add('the mempool', () => systemFiles.write(folder.mempool, mempool.snapshot()))
  return mempool
}

/**
 * Opens all parts of a member, lowest first. What was opened is in `closers`, also when a later part fails.
 * Throws `Failure`s, `StoreError`s, and bugs.
 */
export async function openParts(options: MemberOptions, problems: Problems, changed: () => void, closers: Closers): Promise<Parts> {
  const { log, version } = options
  const params = paramsOf(options.network)
  const listen = hostPortOf(parseHostPort(options.listen))
  const peers = options.peers.map((peer) => hostPortOf(parseHostPort(peer)))
  const nickname = options.nickname === undefined ? undefined : checkNickname(options.nickname)
  if (nickname && !nickname.ok) throw new Failure('BAD_INPUT', nickname.error)

  const folder = await claimDataFolder(options.dataDir, options.network, systemFiles)
  const settings = await MemberSettings.open(systemFiles, folder.settings)

  const verifier = openVerifyPool({
    workerUrl: options.workers.verify,
    nativeAddon: options.nativeAddon,
    threads: options.verifyThreads ?? availableParallelism(),
    log: log.child('verify'),
  })
  closers.add('the signature verifier', () => verifier.close())

  let verified: (relayId: string) => boolean = () => false
  const cacheMb = options.cacheMb ?? settings.values.cacheMb
  const { stack, rebuilt } = await openStack(folder.chain, {
    cacheBytes: cacheMb === null ? undefined : cacheMb * 1_048_576,
    params,
    clock: systemClock,
    log: log.child('stack'),
    verifier,
    isVerified: (relayId) => verified(relayId),
  })
  closers.add('the cheese stack', () => stack.close())
  if (rebuilt) {
    problems.raise(
      'rebuilt',
      'warning',
      `The stored stack was damaged. It was set aside (${rebuilt.setAside}) and rebuilt up to height ${rebuilt.height}; members give the rest. Your wallet was not touched.`,
    )
  }
  const mempool = await openMempool(stack, verifier, folder, closers, log)
  verified = (relayId) => mempool.wasVerified(relayId)

  const identity = await openIdentity(systemFiles, `${folder.net}/identity.json`, log.child('net'), () => makeIdentity(options.workers.identity))
  const proxy = options.proxy ?? settings.values.proxy
  const way: Way = { proxy: proxy === null ? undefined : hostPortOf(parseProxy(proxy)) }
  const via = outward(() => way.proxy)
  const transport: Transport = tlsTransport(identity, { via })
  let network: Network | undefined
  let trackers: Trackers | undefined
  let reach: Reach | undefined

  const sent: Store = await openClassicStore(folder.sent)
  closers.add("the wallet's records", () => sent.close())
  const now = () => Math.floor(systemClock.now() / 1000)
  const online = () =>
    gather({
      now,
      cards: () => network?.directory.list().map(({ card, learnedAt }) => ({ card, learnedAt: Math.floor(learnedAt / 1000) })) ?? [],
      tracked: () => trackers?.client.members() ?? [],
      connected: () => network?.peers() ?? [],
    })
  const { wallet, ownCard } = await openWallet(
    {
      params,
      dir: folder.wallet,
      store: sent,
      chain: walletChain(stack, mempool, () => network),
      directory: {
        members: () =>
          online().flatMap(({ card }) =>
            card.paymentKey ? [{ nickname: card.nickname, address: addressOf(card.paymentKey), memberId: card.memberId, paymentKey: card.paymentKey }] : [],
          ),
      },
      identity,
      workers: options.workers,
      software: `cheese-stack ${version}`,
      nickname: () => settings.values.nickname ?? undefined,
      height: () => stack.tip.height,
      log: log.child('wallet'),
    },
    closers,
  )
  if (nickname) await settings.change({ nickname: nickname.value })

  const listening = await Network.open({
    params,
    transport,
    listen: way.proxy && options.listenAsked !== true ? undefined : listen,
    publicPort: () => reach?.port,
    trackerAnswers: (endpoint) => trackerAnswers(endpoint, via(endpoint)),
    chain: chainPort(stack, (job) => problems.watchDisk(job)),
    mempool: mempoolPort(mempool),
    clock: systemClock,
    random: systemRandom,
    log,
    files: systemFiles,
    folder: folder.net,
    card: () => ownCard.current().bytes,
    agent: `cheese-stack ${version}`,
    peers,
    verifier: nodeVerifier,
  })
  if (!listening.ok) {
    const { code, message } = listening.error
    throw new Failure(code === 'port-in-use' || code === 'permission' ? 'PORT_IN_USE' : 'BAD_INPUT', message)
  }
  network = listening.value
  const net = network
  closers.add('the network', () => net.close())

  trackers = new Trackers({
    self: { identity, card: () => ownCard.current(), port: () => (reach ? reach.port : net.listenAddress?.port) ?? 0, height: () => stack.tip.height },
    identity,
    transport,
    via,
    checkPort: (port) => net.checkPort(port, 'tracker'),
    mappers: params.network === 'regtest' ? [] : portMappers(),
    mayMap: () => reach?.wantsMapping === true,
    params,
    settings,
    verifier: nodeVerifier,
    version,
    files: systemFiles,
    folder: folder.tracker,
    clock: systemClock,
    random: systemRandom,
    log,
    changed,
  })
  const joined = trackers
  closers.add('the trackers', () => joined.close())
  const reached = new Reach({
    network: net,
    trackers: joined,
    ownCard,
    params,
    settings,
    memberId: identity.memberId,
    clock: systemClock,
    random: systemRandom,
    log: log.child('reach'),
    options,
    way,
    listen,
    addresses: ownAddresses,
    mappers: portMappers(),
    openLan: lanWire(log.child('lan')),
    changed,
  })
  reach = reached
  closers.add('what is known of the ways to others', () => reached.close())

  const { miner, yielder, records } = await openMiner(options, { stack, mempool, wallet, params, settings, folder }, problems, closers)
  return {
    params,
    folder,
    settings,
    verifier,
    stack,
    mempool,
    identity,
    wallet,
    ownCard,
    network: net,
    trackers: joined,
    reach: reached,
    miner,
    yielder,
    records,
  }
}

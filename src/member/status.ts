import type { Status } from '../api/schemas.ts'
import { formatAddress } from '../consensus/address.ts'
import { formatHostPort } from '../net/transport.ts'
import { miningStatus } from './mining-service.ts'
import { defaultNickname } from './open-wallet.ts'
import type { MemberOptions } from './options.ts'
import type { Parts } from './parts.ts'
import type { Problems } from './problems.ts'

/** Everything at a glance, as it is now. */
export async function makeStatus(parts: Parts, problems: Problems, options: Pick<MemberOptions, 'version' | 'network' | 'dataDir'>): Promise<Status> {
  const { stack, mempool, network, wallet, trackers, identity, params, settings } = parts
  const sync = network.sync()
  const { listenAddress } = network
  return {
    network: options.network,
    version: options.version,
    height: stack.tip.height,
    tip: stack.tip.smell,
    work: String(stack.tip.work),
    syncing: sync.stage === 'headers' || sync.stage === 'bodies',
    sync: { ...sync, servers: [...sync.servers] },
    peers: network.peers().length,
    mempool: mempool.size,
    mining: miningStatus(parts),
    balance: await wallet.balance(),
    address: wallet.address ? formatAddress(wallet.address, params) : null,
    nickname: wallet.nickname ?? settings.values.nickname ?? defaultNickname(identity.memberId),
    wallet: wallet.state,
    memberId: identity.memberId,
    listen: listenAddress ? formatHostPort(listenAddress) : '',
    reachable: parts.reach.reachable,
    reach: parts.reach.status(),
    alone: parts.reach.alone(),
    tracker: { hosting: trackers.hosting, joined: trackers.joined() },
    problems: problems.list(),
    dataDir: options.dataDir,
    verifier: parts.verifier.name,
  }
}

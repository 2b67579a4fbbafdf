import type { Status } from '../api/schemas.ts'
import { formatAddress } from '../consensus/address.ts'
import { formatHostPort } from '../net/transport.ts'
import { isLoopback, parseIp } from '../util/ip.ts'
import { miningStatus } from './mining-service.ts'
import { defaultNickname } from './open-wallet.ts'
import type { MemberOptions } from './options.ts'
import type { Parts } from './parts.ts'
import type { Problems } from './problems.ts'

/** Whether others can dial us: yes if a tracker could or somebody did, no if a tracker could not, null while nobody tried. */
function reachable({ trackers, network, params }: Pick<Parts, 'trackers' | 'network' | 'params'>): boolean | null {
  if (network.peers().some(({ direction }) => direction === 'in')) return true
  // A tracker on this machine, say our own, cannot tell what the world can reach; on regtest this machine is the world.
  const able = trackers
    .joined()
    .filter(({ url }) => params.network === 'regtest' || !isLoopback(parseIp(new URL(url).hostname.replace(/^\[|\]$/g, '')) ?? new Uint8Array(4)))
  const said = able.flatMap((tracker) => tracker.reachable ?? [])
  return said.length === 0 ? null : said.includes(true)
}

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
    reachable: reachable(parts),
    tracker: { hosting: trackers.hosting, joined: trackers.joined() },
    problems: problems.list(),
    dataDir: options.dataDir,
    verifier: parts.verifier.name,
  }
}

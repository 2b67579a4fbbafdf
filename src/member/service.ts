import { Failure } from '../api/errors.ts'
import type { Status } from '../api/schemas.ts'
import type { MemberService } from '../api/service.ts'
import { formatAddress } from '../consensus/address.ts'
import { systemClock } from '../platform/clock.ts'
import { checkNickname } from '../util/nickname.ts'
import { onDisk } from './disk-failure.ts'
import type { EventHub } from './event-hub.ts'
import { listMembers } from './members-service.ts'
import { miningService } from './mining-service.ts'
import type { Parts } from './parts.ts'
import { peersService } from './peers-service.ts'
import type { Problems } from './problems.ts'
import { StackService } from './stack-service.ts'

/** Bytes of a plain transfer: one payment, no memo (docs/protocol.md). */
const PLAIN_TRANSFER_BYTES = 143

export interface ServiceHost {
  readonly hub: EventHub
  readonly problems: Problems
  readonly status: () => Promise<Status>
  /** Begins to close the member. */
  readonly stop: () => void
}

function walletService({ wallet, params, mempool, settings, trackers }: Parts): MemberService['wallet'] {
  const address = () => {
    if (!wallet.address) throw new Error('bug: a wallet that was made has an address')
    return { address: formatAddress(wallet.address, params) }
  }
  return {
    draft: async () => {
      const { draft, words, ask } = wallet.draft()
      return { draft, words: [...words], ask: [...ask] }
    },
    create: (input) =>
      onDisk(async () => {
        await wallet.create(input)
        return address()
      }),
    restore: (input) =>
      onDisk(async () => {
        await wallet.restore(input)
        return address()
      }),
    unlock: async ({ passphrase, seconds }) => ({ until: await wallet.unlock(passphrase, seconds) }),
    lock: async () => {
      wallet.lock()
      return { locked: true }
    },
    words: async ({ passphrase }) => ({ words: [...(await wallet.words(passphrase))] }),
    nickname: ({ nickname, passphrase }) =>
      onDisk(async () => {
        if (wallet.state !== 'none') return { nickname: await wallet.setNickname(nickname, passphrase) }
        const checked = checkNickname(nickname)
        if (!checked.ok) throw new Failure('BAD_INPUT', checked.error)
        await settings.change({ nickname: checked.value })
        trackers.client.announceNow()
        return { nickname: checked.value }
      }),
    history: ({ offset = 0, limit = 100 }) => wallet.history({ offset, limit }),
    review: (input) => wallet.review(input),
    send: ({ passphrase, ...input }) => onDisk(() => wallet.send(input, passphrase)),
    journey: ({ id }) => wallet.journey(id),
    suggestFee: async () => ({ fee: String(mempool.suggestFee(PLAIN_TRANSFER_BYTES)), feePerByte: mempool.suggestFeeRate() }),
  }
}

function contactsService({ wallet }: Parts): MemberService['contacts'] {
  return {
    list: async () => wallet.contacts(),
    add: (input) => onDisk(() => wallet.addContact(input)),
    remove: ({ name }) =>
      onDisk(async () => {
        await wallet.removeContact(name)
        return { removed: true }
      }),
  }
}

/** What an open member does for its faces: the contract, answered from its parts. */
export function createService(parts: Parts, host: ServiceHost): MemberService {
  const { stack, mempool, wallet, network, trackers, params } = parts
  return {
    status: () => host.status(),
    balance: () => wallet.balance(),
    events: (signal) => host.hub.subscribe(signal),
    stop: async () => {
      // The answer leaves first.
      systemClock.after(0, host.stop)
      return { stopped: true }
    },
    wallet: walletService(parts),
    contacts: contactsService(parts),
    members: async () =>
      listMembers({
        params,
        now: () => Math.floor(systemClock.now() / 1000),
        cards: () => network.directory.list().map(({ card, learnedAt }) => ({ card, learnedAt: Math.floor(learnedAt / 1000) })),
        tracked: () => trackers.client.members(),
        connected: () => network.peers(),
        contactAt: (address) => wallet.contactAt(address),
        warnings: () => wallet.memberWarnings(),
      }),
    network: parts.reach.service,
    peers: peersService(network),
    mining: miningService(parts, host.problems),
    stack: new StackService({ stack, mempool, nameOf: (address) => wallet.nameOf(address) }).service,
    tracker: trackers.service,
  }
}

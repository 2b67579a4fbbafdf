import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import {
  Balance,
  CheeseSummary,
  Contact,
  Crumbs,
  HistoryEntry,
  HostedTracker,
  JoinedTracker,
  Journey,
  MemberEntry,
  MemberEvent,
  MiningChange,
  MiningChart,
  MiningStatus,
  OwnCheese,
  OwnCheeses,
  Review,
  SendInput,
  Sent,
  Shown,
  Status,
} from './schemas.ts'
import { BanEntry, BanInput, Book, NetworkChange, NetworkChoices, PeerEntry, Reach } from './schemas-network.ts'
import { HostTrackerInput } from './schemas-tracker.ts'

/**
 * The contract between a member and any face of it. Carried over Electron's MessagePort, WebSocket and HTTP; every
 * call may fail with a `Failure` (errors.ts). Paths are those of the OpenAPI page.
 */

const get = (path: `/${string}`, summary: string) => oc.route({ method: 'GET', path, summary })
const post = (path: `/${string}`, summary: string) => oc.route({ method: 'POST', path, summary })

const Passphrase = z.string()
const Page = z.object({ offset: z.coerce.number<number>().int().min(0).default(0), limit: z.coerce.number<number>().int().min(1).max(500).default(100) })

export const contract = {
  status: get('/status', 'Everything at a glance').output(Status),
  balance: get('/balance', 'Spendable, ripening and pending').output(Balance),
  /** First a `status`, then whatever changes; never ends by itself. */
  events: get('/events', 'What changes, as it changes').output(eventIterator(MemberEvent)),
  stop: post('/stop', 'Ends the member cleanly').output(z.object({ stopped: z.literal(true) })),

  wallet: {
    /** Draws new words and keeps them until `create`, which must quote the three asked for (word numbers from 1). */
    draft: post('/wallet/draft', 'New words for a wallet that is not made yet').output(
      z.object({ draft: z.string(), words: z.array(z.string()), ask: z.array(z.number().int()) }),
    ),
    create: post('/wallet/create', 'Makes the wallet of a draft')
      .input(z.object({ draft: z.string(), answers: z.array(z.string()), passphrase: Passphrase, nickname: z.string() }))
      .output(z.object({ address: z.string() })),
    restore: post('/wallet/restore', 'Makes a wallet from its words')
      .input(z.object({ words: z.string(), passphrase: Passphrase, nickname: z.string() }))
      .output(z.object({ address: z.string() })),
    unlock: post('/wallet/unlock', 'Keeps the wallet open for a while')
      .input(z.object({ passphrase: Passphrase, seconds: z.number().int().min(0).max(86400).optional() }))
      .output(z.object({ until: z.number().nullable() })),
    lock: post('/wallet/lock', 'Locks the wallet').output(z.object({ locked: z.literal(true) })),
    words: post('/wallet/words', 'Shows the words')
      .input(z.object({ passphrase: Passphrase }))
      .output(z.object({ words: z.array(z.string()) })),
    nickname: post('/wallet/nickname', 'Changes the nickname that others see (the wallet must be open, or the passphrase given)')
      .input(z.object({ nickname: z.string(), passphrase: Passphrase.optional() }))
      .output(z.object({ nickname: z.string() })),
    history: get('/wallet/history', 'Sent, received and mined, latest first')
      .input(Page.partial())
      .output(z.object({ total: z.number().int(), entries: z.array(HistoryEntry) })),
    review: post('/wallet/review', 'A send as it would be').input(SendInput).output(Review),
    send: post('/wallet/send', 'Signs and shares a transfer')
      .input(SendInput.extend({ passphrase: Passphrase.optional() }))
      .output(Sent),
    journey: get('/wallet/journey/{id}', 'Where a payment of ours is')
      .input(z.object({ id: z.string() }))
      .output(Journey),
    suggestFee: get('/wallet/fee', 'The fee a plain transfer needs to be in the next cheeses').output(z.object({ fee: Crumbs, feePerByte: z.number() })),
  },

  contacts: {
    list: get('/contacts', 'Contacts by name').output(z.array(Contact)),
    add: post('/contacts', 'Adds a contact')
      .input(z.object({ name: z.string(), address: z.string() }))
      .output(Contact),
    remove: oc
      .route({ method: 'DELETE', path: '/contacts/{name}', summary: 'Removes a contact' })
      .input(z.object({ name: z.string() }))
      .output(z.object({ removed: z.literal(true) })),
  },

  members: get('/members', 'Who is online').output(z.array(MemberEntry)),
  peers: {
    list: get('/peers', 'Connections').output(z.array(PeerEntry)),
    connect: post('/peers/connect', 'Dials HOST:PORT; with `keep` again and again, after a restart too')
      .input(z.object({ endpoint: z.string(), keep: z.boolean().default(false) }))
      .output(PeerEntry),
    disconnect: post('/peers/disconnect', 'Hangs up on a peer')
      .input(z.object({ memberId: z.string() }))
      .output(z.object({ disconnected: z.literal(true) })),
    kept: get('/peers/kept', 'Addresses that are redialled because a person said so').output(z.array(z.string())),
    forget: post('/peers/forget', 'Redials an address no more; who is connected stays')
      .input(z.object({ endpoint: z.string() }))
      .output(z.object({ forgotten: z.literal(true) })),
    bans: get('/peers/bans', 'Who is refused, the latest first').output(z.array(BanEntry)),
    ban: post('/peers/ban', 'Refuses a member, an IP address or a range of them').input(BanInput).output(BanEntry),
    unban: post('/peers/unban', 'Lifts a ban')
      .input(z.object({ id: z.string() }))
      .output(z.object({ unbanned: z.literal(true) })),
    book: get('/peers/book', 'How many addresses are known').output(Book),
  },

  network: {
    choices: get('/network', 'What the person chose about the network').output(NetworkChoices),
    set: post('/network', 'Changes what was chosen about the network; a proxy takes everything that goes out from then on')
      .input(NetworkChange)
      .output(NetworkChoices),
    /** Answers when those who were asked have tried, or after some seconds. */
    check: post('/network/check', 'Looks again whether others can reach this member').output(Reach),
  },

  mining: {
    status: get('/mining', 'The miner').output(MiningStatus),
    /** `on: true` before the person has agreed to it fails with CONSENT_NEEDED, whose message says what mining does. */
    set: post('/mining', 'Switches mining on or off, and changes how it mines').input(MiningChange).output(MiningStatus),
    chart: get('/mining/chart', 'The hash rate of the last hour').output(MiningChart),
    /** `state`: only those; the counts are of all nevertheless. */
    own: get('/mining/own', 'Cheeses of ours: found, ripening, ripened and orphaned, latest first')
      .input(Page.extend({ state: OwnCheese.shape.state }).partial())
      .output(OwnCheeses),
    generate: post('/mining/generate', 'Mines cheeses now (regtest only)')
      .input(z.object({ count: z.number().int().min(1).max(10000) }))
      .output(z.array(z.object({ height: z.number().int(), smell: z.string() }))),
  },

  stack: {
    /** `from` downwards; the tip when left out. */
    list: get('/stack', 'Cheeses, tip first')
      .input(z.object({ from: z.coerce.number<number>().int().min(0).optional(), count: z.coerce.number<number>().int().min(1).max(500).optional() }))
      .output(z.array(CheeseSummary)),
    show: get('/stack/show/{query}', 'A cheese, transfer or account by height, smell, id or address')
      .input(z.object({ query: z.string() }))
      .output(Shown),
  },

  tracker: {
    status: get('/tracker', 'Hosted and joined trackers').output(z.object({ hosting: HostedTracker.nullable(), joined: z.array(JoinedTracker) })),
    host: post('/tracker/host', 'Hosts a tracker').input(HostTrackerInput).output(HostedTracker),
    set: oc
      .route({ method: 'PATCH', path: '/tracker/host', summary: 'Changes how the tracker is hosted' })
      .input(z.object({ startWithApp: z.boolean().optional() }))
      .output(HostedTracker),
    check: post('/tracker/check', 'Asks other members to try whether the hosted tracker can be reached').output(HostedTracker),
    unhost: post('/tracker/unhost', 'Stops hosting the tracker').output(z.object({ stopped: z.literal(true) })),
    /** `url`: HOST:PORT, http://HOST:PORT or a link `cheese-tracker:HOST:PORT`. */
    join: post('/tracker/join', 'Joins a tracker by address')
      .input(z.object({ url: z.string() }))
      .output(JoinedTracker),
    leave: post('/tracker/leave', 'Leaves a tracker')
      .input(z.object({ url: z.string() }))
      .output(z.object({ left: z.literal(true) })),
  },
}
export type Contract = typeof contract

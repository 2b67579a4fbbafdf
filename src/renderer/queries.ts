import type { Contact, HistoryEntry, HostedTracker, JoinedTracker, Journey, MemberEntry, MiningChart, OwnCheese, OwnCheeses, Shown } from '../api/schemas.ts'
import type { BanEntry, Book, NetworkChoices, PeerEntry } from '../api/schemas-network.ts'
import type { Query } from './live.ts'

/** What the pages show, each with the changes that make it stale. */

export const members: Query<MemberEntry[]> = { key: 'members', topics: ['members', 'peers', 'contacts'], fetch: (api) => api.members() }
export const peers: Query<PeerEntry[]> = { key: 'peers', topics: ['peers'], fetch: (api) => api.peers.list() }
export const addressBook: Query<Book> = { key: 'address book', topics: ['peers', 'members'], fetch: (api) => api.peers.book() }

/** Who is refused; fetched again when `version` moves, and whenever a connection comes or goes. */
export const bans = (version: number): Query<BanEntry[]> => ({ key: 'bans', topics: ['peers'], version, fetch: (api) => api.peers.bans() })

/** Addresses that are dialled again and again; fetched again when `version` moves. */
export const keptPeers = (version: number): Query<string[]> => ({ key: 'kept peers', topics: [], version, fetch: (api) => api.peers.kept() })

/** What was chosen about the network; fetched again when `version` moves. */
export const networkChoices = (version: number): Query<NetworkChoices> => ({
  key: 'network choices',
  topics: [],
  version,
  fetch: (api) => api.network.choices(),
})

export const contacts: Query<Contact[]> = { key: 'contacts', topics: ['contacts'], fetch: (api) => api.contacts.list() }
export const tracker: Query<{ hosting: HostedTracker | null; joined: JoinedTracker[] }> = {
  key: 'tracker',
  topics: ['tracker'],
  fetch: (api) => api.tracker.status(),
}
export const fee: Query<{ fee: string; feePerByte: number }> = { key: 'fee', topics: ['mempool', 'stack'], fetch: (api) => api.wallet.suggestFee() }

/** The latest `limit` lines of the history. */
export const latest = (limit: number): Query<{ total: number; entries: HistoryEntry[] }> => ({
  key: `history ${limit}`,
  topics: ['history', 'stack'],
  fetch: (api) => api.wallet.history({ limit }),
})

/** What height, smell, id or address `query` means. */
export const show = (query: string): Query<Shown> => ({ key: `show ${query}`, topics: ['stack', 'mempool'], fetch: (api) => api.stack.show({ query }) })

/** Where our payment `id` is. */
export const journey = (id: string): Query<Journey> => ({
  key: `journey ${id}`,
  topics: ['history', 'mempool', 'stack', 'peers'],
  fetch: (api) => api.wallet.journey({ id }),
})

/** The hash rate over the last hour; fetched again when `version` moves. */
export const miningChart = (version: number): Query<MiningChart> => ({ key: 'mining chart', topics: [], version, fetch: (api) => api.mining.chart() })

/** As many of our own cheeses as one answer holds. */
export const OWN_LISTED = 500

/** Our own cheeses, latest first, perhaps of those in one state alone; its counts are of all. */
export const ownCheeses = (state?: OwnCheese['state']): Query<OwnCheeses> => ({
  key: `own cheeses ${state ?? ''}`,
  topics: ['history', 'stack', 'found'],
  fetch: (api) => api.mining.own({ limit: OWN_LISTED, ...(state ? { state } : {}) }),
})

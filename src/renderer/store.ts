import { create } from 'zustand'
import type { MemberEvent, MiningStatus, Status } from '../api/schemas.ts'
import type { Connection } from './connection.ts'

/** What can change, each with a counter that moves when it does; `useLive` fetches again by these. */
export type Topic = MemberEvent['type']
export type Ticks = Readonly<Record<Topic, number>>

/** Something fetched from the member, as last known. */
export interface Resource<T> {
  readonly data: T | undefined
  /** Why the last fetch failed, as a sentence. */
  readonly error: string | undefined
  /** Its code, when the member gave one. */
  readonly code: string | undefined
}

export interface Found {
  readonly height: number
  readonly smell: string
}

export interface AppState {
  readonly connection: Connection
  readonly status: Status | undefined
  readonly ticks: Ticks
  /** The cheese that this member found last, while the window still says so. */
  readonly found: Found | undefined
  /** How often cheeses may have left the stack: at each reorg, and at each new connection. */
  readonly reorgs: number
  readonly cache: ReadonlyMap<string, Resource<unknown>>
}

const MAX_CACHED = 60

const noTicks: Ticks = { status: 0, stack: 0, mempool: 0, history: 0, members: 0, peers: 0, tracker: 0, contacts: 0, found: 0 }

export const initialState: AppState = { connection: { state: 'connecting' }, status: undefined, ticks: noTicks, found: undefined, reorgs: 0, cache: new Map() }

/** The state after `event`. */
export function afterEvent(state: AppState, event: MemberEvent): Partial<AppState> {
  const ticks = { ...state.ticks, [event.type]: state.ticks[event.type] + 1 }
  switch (event.type) {
    case 'status':
      return { ticks, status: event.status }
    case 'found':
      return { ticks, found: { height: event.height, smell: event.smell } }
    case 'stack':
      return { ticks, reorgs: state.reorgs + (event.disconnected > 0 ? 1 : 0) }
    default:
      return { ticks }
  }
}

/** The state after the connection changed. Back online, everything may have changed meanwhile. */
export function afterConnection(state: AppState, connection: Connection): Partial<AppState> {
  if (connection.state !== 'online' || state.connection.state === 'online') return { connection }
  const moved = Object.fromEntries(Object.entries(state.ticks).map(([topic, tick]) => [topic, tick + 1]))
  return { connection, ticks: { ...noTicks, ...moved }, reorgs: state.reorgs + 1 }
}

/** The cache with `resource` as its newest entry; the oldest ones fall out. */
export function cacheWith(cache: AppState['cache'], key: string, resource: Resource<unknown>): AppState['cache'] {
  const next = new Map(cache)
  next.delete(key)
  next.set(key, resource)
  for (const oldest of next.keys()) {
    if (next.size <= MAX_CACHED) break
    next.delete(oldest)
  }
  return next
}

/** The one store of the window. */
export const useApp = create<AppState>()(() => initialState)

export const onEvent = (event: MemberEvent) => useApp.setState((state) => afterEvent(state, event))
export const onConnection = (connection: Connection) => useApp.setState((state) => afterConnection(state, connection))
/** Takes over what the member answered about its miner, so that no button shows the old state until the next status comes. */
export const onMining = (mining: MiningStatus) => useApp.setState(({ status }) => (status ? { status: { ...status, mining } } : {}))
export const forgetFound = () => useApp.setState({ found: undefined })

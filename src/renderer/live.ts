import { useCallback, useEffect, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { Api } from './client.ts'
import { codeOf, sentence } from './lib/failure.ts'
import { api } from './session.ts'
import { cacheWith, type Resource, type Topic, useApp } from './store.ts'

/** Something to fetch and keep fresh: `key` names it, `topics` are the changes after which it is fetched again. */
export interface Query<T> {
  readonly key: string
  readonly topics: readonly Topic[]
  /** Anything else after whose change it is fetched again. */
  readonly version?: string | number
  readonly fetch: (api: Api) => Promise<T>
}

/** While it syncs, the member tells of many changes a second; the page fetches at most this often. */
const PACE_MS = 400

const nothing: Resource<never> = { data: undefined, error: undefined, code: undefined }

interface Fetches {
  /** When the last one started, ms since 1970. */
  at: number
  started: number
  /** The latest one that has ended: an answer that was overtaken is dropped. */
  landed: number
}

const fetches = new Map<string, Fetches>()

async function refresh<T>(query: Query<T>, of: Fetches): Promise<void> {
  const number = ++of.started
  of.at = Date.now()
  const keep = (resource: Resource<unknown>) => {
    if (number < of.landed) return
    of.landed = number
    useApp.setState((state) => ({ cache: cacheWith(state.cache, query.key, resource) }))
  }
  try {
    keep({ data: await query.fetch(api), error: undefined, code: undefined })
  } catch (error) {
    keep({ data: useApp.getState().cache.get(query.key)?.data, error: sentence(error), code: codeOf(error) })
  }
}

/** What `query` gives, fetched when first shown and again whenever one of its topics moves. Null fetches nothing. */
export function useLive<T>(query: Query<T> | null): Resource<T> {
  const key = query?.key
  const moved = useApp(useShallow((state) => query?.topics.map((topic) => state.ticks[topic]) ?? []))
  const online = useApp((state) => state.connection.state === 'online')
  const version = `${query?.version ?? ''} ${moved.join(' ')}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: a query is what its key says; its version says when to fetch again
  useEffect(() => {
    if (!query || !online) return
    const of = fetches.get(query.key) ?? { at: 0, started: 0, landed: 0 }
    fetches.set(query.key, of)
    const wait = of.at + PACE_MS - Date.now()
    if (wait <= 0) {
      void refresh(query, of)
      return
    }
    const timer = setTimeout(() => void refresh(query, of), wait)
    return () => clearTimeout(timer)
  }, [key, version, online])
  return useApp((state) => (key === undefined ? nothing : ((state.cache.get(key) as Resource<T> | undefined) ?? nothing)))
}

export interface Action<A extends readonly unknown[]> {
  /** Runs it; resolves to whether it succeeded. A second run while one is under way does nothing. */
  readonly run: (...args: A) => Promise<boolean>
  readonly busy: boolean
  /** What went wrong last, as a sentence. */
  readonly error: string | undefined
  readonly clear: () => void
}

/** Something that a person asks for: runs `job`, says that it runs, and keeps what went wrong. */
export function useAction<A extends readonly unknown[]>(job: (...args: A) => Promise<unknown>): Action<A> {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const clear = useCallback(() => setError(undefined), [])
  const run = async (...args: A) => {
    if (busy) return false
    setBusy(true)
    setError(undefined)
    try {
      await job(...args)
      return true
    } catch (problem) {
      setError(sentence(problem))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { run, busy, error, clear }
}

/** Unix seconds, again every `everySeconds`: for texts such as "3 minutes ago". */
export function useNow(everySeconds: number): number {
  const [now, setNow] = useState(() => Math.floor(Date.now() / 1000))
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(Date.now() / 1000)), everySeconds * 1000)
    return () => clearInterval(timer)
  }, [everySeconds])
  return now
}

import type { CheeseSummary } from '../../api/schemas.ts'
import { type Query, useLive } from '../live.ts'
import { useApp } from '../store.ts'

const PAGE = 100

/** Cheeses of heights page × 100 … page × 100 + 99, highest first; only the page of the tip changes without a reorg. */
const part = (page: number, tip: number, reorgs: number): Query<CheeseSummary[]> => {
  const top = Math.min(tip, page * PAGE + PAGE - 1)
  return { key: `cheeses ${page}`, topics: [], version: `${top} ${reorgs}`, fetch: (api) => api.stack.list({ from: top, count: top - page * PAGE + 1 }) }
}

/** The cheeses between two heights that are in sight; undefined for those that are still being fetched. */
export function useCheeses(
  lowest: number,
  highest: number,
): { readonly tip: number; readonly cheese: (height: number) => CheeseSummary | undefined; readonly error: string | undefined } {
  const tip = useApp((state) => state.status?.height ?? 0)
  const reorgs = useApp((state) => state.reorgs)
  const below = Math.floor(Math.max(0, lowest) / PAGE)
  const above = Math.floor(Math.max(0, Math.min(highest, tip)) / PAGE)
  const one = useLive(part(above, tip, reorgs))
  const two = useLive(below === above ? null : part(below, tip, reorgs))
  const cheese = (height: number) => {
    const page = Math.floor(height / PAGE)
    const data = page === above ? one.data : page === below ? two.data : undefined
    const top = data?.[0]?.height
    return top === undefined ? undefined : data?.[top - height]
  }
  return { tip, cheese, error: one.error ?? two.error }
}

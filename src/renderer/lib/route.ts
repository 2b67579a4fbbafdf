import { useSyncExternalStore } from 'react'
import { type PageName, pages } from '../../api/host.ts'

/** Where the window is. Kept in the address's fragment, so that back, forward and reload work. */
export interface Route {
  readonly page: PageName | 'welcome'
  readonly rest: readonly string[]
}

const isPage = (text: string): text is PageName => (pages as readonly string[]).includes(text)

const decode = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The route that `#/page/rest/…` means; the overview for anything unknown. */
export function parseRoute(hash: string): Route {
  const [page = '', ...rest] = hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decode)
  if (page === 'welcome') return { page, rest }
  return isPage(page) ? { page, rest } : { page: 'overview', rest: [] }
}

/** The fragment of a page: `hrefTo('stack', '12')` → `#/stack/12`. */
export function hrefTo(page: Route['page'], ...rest: readonly string[]): string {
  return `#/${[page, ...rest].map(encodeURIComponent).join('/')}`
}

/** Goes to a page, as a click on a link to it would. */
export function go(page: Route['page'], ...rest: readonly string[]): void {
  window.location.hash = hrefTo(page, ...rest)
}

const subscribe = (changed: () => void) => {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

/** The route now, and again whenever it changes. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => window.location.hash))
}

import { useSyncExternalStore } from 'react'

/** Light, dark, or as the system says; kept by the window, not by the member. */
export type Theme = 'system' | 'light' | 'dark'

const KEY = 'cheese-theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const watchers = new Set<() => void>()

function stored(): Theme {
  try {
    const theme = window.localStorage.getItem(KEY)
    return theme === 'light' || theme === 'dark' ? theme : 'system'
  } catch {
    // Storage may be switched off in a browser; the theme then lasts as long as the page.
    return 'system'
  }
}

let theme = stored()

function paint(): void {
  document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
}

/** Puts the theme on the page and follows the system's. */
export function startTheme(): void {
  paint()
  dark.addEventListener('change', paint)
}

/** Changes the theme and remembers it. */
export function setTheme(next: Theme): void {
  theme = next
  try {
    window.localStorage.setItem(KEY, next)
  } catch {
    // As in stored().
  }
  paint()
  for (const watcher of watchers) watcher()
}

/** The theme chosen. */
export function useTheme(): Theme {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    () => theme,
  )
}

import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './app.ts'

/** Puts the page into a theme, without motion. */
export async function paint(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  await expect(page.locator('html')).toHaveAttribute('data-theme', scheme)
}

/** What axe has against the page as it is; `name` says which page that is. */
export async function axeFindings(page: Page, name: string): Promise<string[]> {
  // Colours are judged when they have settled: a theme or a hover may be on its way.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
  const found = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return found.violations.map((v) => `${name}: ${v.id} ${v.nodes.map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? n.failureSummary})`).join(', ')}`)
}

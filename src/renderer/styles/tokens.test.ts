import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

type Tokens = Readonly<Record<string, string>>

const block = (selector: string): Tokens => {
  const body = css.replaceAll('"', "'").split(`${selector} {`)[1]?.split('}')[0] ?? ''
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]))
}

/** Relative luminance as WCAG 2.2 defines it. */
const luminance = (hex: string) => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (a: string, b: string) => {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const themes: readonly (readonly [string, Tokens])[] = [
  ['light', block(':root')],
  ['dark', block(":root[data-theme='dark']")],
]

describe.each(themes)('the %s theme', (_name, tokens) => {
  const of = (name: string) => tokens[name] ?? '#000000'

  it('has every colour', () => {
    expect(Object.keys(tokens).length).toBeGreaterThanOrEqual(17)
  })

  it.each(['ink', 'ink-2', 'ink-3', 'accent-text', 'info', 'good', 'bad', 'warn'])('%s reads well on every ground (AA, 4.5 : 1)', (text) => {
    for (const ground of ['ground', 'surface', 'sunken']) expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5)
  })

  it('reads well on the accent, and shows the edges of inputs (3 : 1)', () => {
    expect(contrast(of('accent-ink'), of('accent'))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(of('accent-ink'), of('accent-hover'))).toBeGreaterThanOrEqual(4.5)
    for (const ground of ['ground', 'surface', 'sunken']) expect(contrast(of('edge'), of(ground))).toBeGreaterThanOrEqual(3)
  })
})

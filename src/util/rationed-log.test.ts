import { describe, expect, it } from 'vitest'
import type { Clock, Logger } from './ports.ts'
import { rationed } from './rationed-log.ts'

function setUp() {
  let now = 1_000_000
  const clock: Clock = { now: () => now, after: () => () => undefined }
  const lines: string[] = []
  const make = (scope: string): Logger => {
    const at = (level: string) => (message: string, details?: Readonly<Record<string, unknown>>) =>
      void lines.push(`${level} ${scope}${message}${details?.linesLeftOutBefore === undefined ? '' : ` (${String(details.linesLeftOutBefore)} left out)`}`)
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: (name) => make(`${scope}${name}: `) }
  }
  const pass = (ms: number) => {
    now += ms
  }
  return { log: rationed(make(''), clock), lines, pass }
}

describe('a log of what strangers cause', () => {
  it('is written as it comes while it is little', () => {
    const { log, lines } = setUp()
    log.child('net').info('somebody came', { who: 'a' })
    log.error('a bug')
    expect(lines).toEqual(['info net: somebody came', 'error a bug'])
  })

  it('grows by a line a second at most, and says what was left out', () => {
    const { log, lines, pass } = setUp()
    const net = log.child('net')
    for (let i = 0; i < 10_000; i++) (i % 2 === 0 ? net : log).info('somebody came')
    expect(lines).toHaveLength(200)
    pass(3_000)
    for (let i = 0; i < 10; i++) log.info('somebody left')
    expect(lines).toHaveLength(203)
    expect(lines.slice(200)).toEqual(['info somebody left (9800 left out)', 'info somebody left', 'info somebody left'])
  })

  it('is not silent about what is grave because of what is not', () => {
    const { log, lines } = setUp()
    for (let i = 0; i < 1_000; i++) log.info('somebody came')
    log.warn('the disk is slow')
    expect(lines.at(-1)).toBe('warn the disk is slow')
    for (let i = 0; i < 1_000; i++) log.error('a bug')
    expect(lines).toHaveLength(400)
  })
})

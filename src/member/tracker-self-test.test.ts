import { describe, expect, it } from 'vitest'
import { ManualClock, START } from '../tracker/testing/fixture.ts'
import { silent } from '../util/ports.ts'
import { type CheckPort, type SelfTestFacts, TrackerSelfTest } from './tracker-self-test.ts'

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

function selfTest(answers: readonly Awaited<ReturnType<CheckPort>>[] | undefined, options: { local?: boolean } = {}) {
  const clock = new ManualClock()
  const asked: { readonly port: number; readonly at: number }[] = []
  let changes = 0
  const test = new TrackerSelfTest({
    port: 9876,
    local: options.local ?? false,
    lanAddress: '192.168.1.5',
    checkPort:
      answers &&
      (async (port) => {
        asked.push({ port, at: clock.now() / 1000 - START })
        return answers[Math.min(asked.length, answers.length) - 1] as Awaited<ReturnType<CheckPort>>
      }),
    clock,
    log: silent,
    changed: () => void changes++,
  })
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000)
      await settle()
    }
  }
  const view = (facts: Partial<SelfTestFacts> = {}) => test.view({ strangers: false, mapped: false, obstacle: null, ...facts })
  return { test, view, asked, pass, changes: () => changes }
}

describe('whether others can reach the tracker that is hosted', () => {
  it('is not known, and says so, while nobody can be asked', async () => {
    const { test, view, pass } = selfTest(undefined)
    await pass(60)
    await test.check()
    expect(view()).toMatchObject({ state: 'unknown', words: expect.stringContaining('Nobody has tried yet'), checkedAt: null })
    expect(view({ mapped: true }).words).toMatch(/^Your router lets others in, but nobody has tried yet/)
  })

  it('is asked again, ever later, until somebody has tried', async () => {
    const { view, asked, pass } = selfTest(['not-tried', 'not-tried', 'not-tried', 'answers'])
    await pass(90)
    expect(asked.map(({ at }) => at)).toEqual([2, 12, 32, 72])
    expect(asked.every(({ port }) => port === 9876)).toBe(true)
    expect(view()).toMatchObject({ state: 'reachable', repair: null, checkedAt: START + 72 })
  })

  it('is asked at once when somebody is connected, and not again when it is known', async () => {
    const { test, view, asked, pass } = selfTest(['not-tried', 'not-tried', 'not-tried', 'not-tried', 'answers'])
    await pass(80)
    expect(asked.at(-1)?.at).toBe(72)
    test.someoneCame()
    await pass(3)
    expect(asked.at(-1)?.at).toBe(82)
    expect(view().state).toBe('reachable')
    test.someoneCame()
    await pass(60)
    expect(asked).toHaveLength(5)
  })

  it('a closed port is told with what to do at the router, and looked at again soon', async () => {
    const { view, asked, pass, changes } = selfTest(['nobody', 'answers'])
    await pass(3)
    expect(view()).toMatchObject({ state: 'closed', checkedAt: START + 2 })
    expect(view({ obstacle: 'Your router said no.' }).repair).toMatch(/^Your router said no\. On your router’s page/)
    expect(view().repair).toMatch(/forward TCP port 9876 to this computer \(192\.168\.1\.5\)/)
    const before = changes()
    await pass(125)
    expect(asked).toHaveLength(2)
    expect(view().state).toBe('reachable')
    expect(changes()).toBeGreaterThan(before)
  })

  it('members from outside that are registered prove it, whatever was found before', async () => {
    const { view, pass } = selfTest(['nobody'])
    await pass(3)
    expect(view({ strangers: true })).toMatchObject({ state: 'reachable', repair: null })
  })

  it('is no question for one that listens on this computer alone', async () => {
    const { test, view, asked, pass } = selfTest(['answers'], { local: true })
    await pass(60)
    await test.check()
    expect(asked).toEqual([])
    expect(view()).toMatchObject({ state: 'unknown', words: expect.stringContaining('this computer alone') })
  })

  it('is not asked any more once it has stopped', async () => {
    const { test, asked, pass } = selfTest(['nobody'])
    await pass(3)
    test.stop()
    await pass(600)
    await test.check()
    expect(asked).toHaveLength(1)
  })
})

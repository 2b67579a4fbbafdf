import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { meanWait, nodeMachine } from './machine.ts'

describe('the mean wait', () => {
  const gaps = (...lengths: number[]) => ({
    length: lengths.reduce((sum, ms) => sum + 1e6 * ms, 0),
    squares: lengths.reduce((sum, ms) => sum + (1e6 * ms) ** 2, 0),
  })

  it('is none while the event loop turns as often as it is measured', () => {
    expect(meanWait(gaps(10, 10, 10))).toBe(0)
    expect(meanWait(gaps())).toBe(0)
    expect(meanWait(gaps(2))).toBe(0)
  })

  it('is half of a long gap, for those who come in it', () => {
    expect(meanWait(gaps(110, 110))).toBeCloseTo(50)
    // Half the time a gap of 500 ms, half the time none to speak of.
    expect(meanWait(gaps(500, ...Array.from({ length: 50 }, () => 10)))).toBeCloseTo((250 + 5) / 2 - 5)
  })
})

describe.runIf(process.platform === 'linux')('the machine as Linux tells it', () => {
  let folder: string
  let now = 0
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cheese-machine-'))
    now = 0
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function put(path: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(join(folder, path), { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, path, name), `${text}\n`)
  }
  const open = () => nodeMachine({ sysClass: folder, now: () => now })

  it('is on mains where nothing is told, and never knows whether it is used', async () => {
    const machine = open()
    expect([machine.knowsIdle, await machine.facts()]).toEqual([false, { onBattery: false, idleSeconds: undefined, waitMs: 0, watts: undefined }])
  })

  it('is on battery when nothing is plugged in and the battery is emptied; looked at every five seconds', async () => {
    await put('power_supply/AC', { type: 'Mains', online: '0' })
    await put('power_supply/BAT0', { type: 'Battery', status: 'Discharging' })
    const machine = open()
    expect((await machine.facts()).onBattery).toBe(true)
    await put('power_supply/AC', { online: '1' })
    now += 4_999
    expect((await machine.facts()).onBattery).toBe(true)
    now += 1
    expect((await machine.facts()).onBattery).toBe(false)
  })

  it('takes the battery of a mouse for none of its own', async () => {
    await put('power_supply/mouse', { type: 'Battery', status: 'Discharging', scope: 'Device' })
    expect((await open().facts()).onBattery).toBe(false)
    await put('power_supply/BAT0', { type: 'Battery', status: 'Discharging', scope: 'System' })
    expect((await open().facts()).onBattery).toBe(true)
  })

  it('tells what the processor draws, where that can be read', async () => {
    await put('powercap/intel-rapl:0', { energy_uj: '1000000' })
    await put('powercap/intel-rapl:0:0', { energy_uj: '5' })
    const machine = open()
    expect((await machine.facts()).watts).toBeUndefined()
    await put('powercap/intel-rapl:0', { energy_uj: '25000000' })
    now += 2_000
    expect((await machine.facts()).watts).toBeCloseTo(12)
    // The counter began again.
    await put('powercap/intel-rapl:0', { energy_uj: '7' })
    now += 1_000
    expect((await machine.facts()).watts).toBeUndefined()
  })
})

describe('the event loop', () => {
  it('is measured while it is watched: a wait shows', async () => {
    const machine = nodeMachine()
    const end = machine.watch(() => undefined)
    let waited = 0
    for (let tries = 0; waited < 10 && tries < 200; tries++) {
      const until = performance.now() + 100
      while (performance.now() < until);
      await new Promise((resolve) => setTimeout(resolve, 1))
      waited = Math.max(waited, (await machine.facts()).waitMs)
    }
    end()
    expect(waited).toBeGreaterThanOrEqual(10)
    expect((await machine.facts()).waitMs).toBe(0)
  })
})

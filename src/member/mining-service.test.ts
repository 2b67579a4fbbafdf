import { describe, expect, it } from 'vitest'
import type { MemberService } from '../api/service.ts'
import { openStack, regtest } from '../chain/testing/stack.ts'
import { world } from '../mining/fixture.ts'
import { Yielder } from '../mining/yielder.ts'
import { memoryFiles } from '../net/testing/world.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { silent } from '../util/ports.ts'
import { MiningRecords } from './mining-records.ts'
import { miningService } from './mining-service.ts'
import { Problems } from './problems.ts'
import { MemberSettings } from './settings.ts'

const SETTINGS = '/m/member.json'

async function member(options: { readonly knowsIdle?: boolean; readonly onBattery?: boolean; readonly files?: ReturnType<typeof memoryFiles> } = {}) {
  const mining = world()
  const { miner, clock, state } = mining
  const files = options.files ?? memoryFiles()
  const { stack } = await openStack(openMemoryStore())
  const settings = await MemberSettings.open(files, SETTINGS)
  const records = await MiningRecords.open({ files, path: '/m/mining.json', stack, clock, log: silent, address: () => state.address })
  const yielder = new Yielder({
    miner,
    clock,
    log: silent,
    machine: {
      knowsIdle: options.knowsIdle ?? false,
      watch: () => () => undefined,
      facts: async () => ({ onBattery: options.onBattery ?? false, idleSeconds: options.knowsIdle ? 0 : undefined, waitMs: 0, watts: undefined }),
    },
    choices: () => ({ ...settings.values, threads: miner.status().threads }),
  })
  const service: MemberService['mining'] = miningService({ miner, yielder, records, settings, stack, params: regtest }, new Problems(() => undefined))
  return { ...mining, service, settings, files }
}

describe('mining is off until the person has agreed once', () => {
  it('whoever asks for it before is told what it does to the machine, and nothing changes', async () => {
    const { service, miner, settings } = await member()
    expect(await service.status(undefined)).toMatchObject({ on: false, consented: false })
    for (const change of [{ on: true }, { autoStart: true }, { on: true, threads: 1, intensity: 9 }]) {
      await expect(service.set(change)).rejects.toMatchObject({
        code: 'CONSENT_NEEDED',
        message: expect.stringMatching(/full load.*heat.*fan noise.*electricity.*battery.*chance.*stopped at any time/),
      })
    }
    expect([miner.status().on, miner.status().threads, settings.values.intensity, settings.values.autoStart]).toEqual([false, 3, 100, false])
    // What makes nothing mine needs no consent.
    expect(await service.set({ on: false, threads: 2 })).toMatchObject({ on: false, threads: 2, consented: false })
  })

  it('agreed to, it is never asked about again', async () => {
    const { service, files } = await member()
    expect(await service.set({ on: true, consent: true })).toMatchObject({ on: true, resting: null, consented: true })
    expect(await service.set({ on: false })).toMatchObject({ on: false, consented: true })
    const again = await member({ files })
    expect(await again.service.set({ on: true })).toMatchObject({ on: true, consented: true })
  })

  it('can be agreed to without mining', async () => {
    const { service } = await member()
    expect(await service.set({ consent: true })).toMatchObject({ on: false, consented: true })
    expect(await service.set({ autoStart: true })).toMatchObject({ on: false, autoStart: true })
  })

  it('does not count where there is no wallet to mine to', async () => {
    const { service, state, settings } = await member()
    state.address = undefined
    await expect(service.set({ on: true, consent: true })).rejects.toMatchObject({ code: 'WALLET_MISSING' })
    expect(settings.values.consentedAt).toBeNull()
  })
})

describe('how it mines', () => {
  it('is changed one by one, kept, and shown', async () => {
    const { service, files, pool } = await member({ knowsIdle: true })
    const choices = { threads: 2, intensity: 40, mineOnBattery: true, onlyWhenIdle: true, idleMinutes: 9, autoStart: true } as const
    await service.set({ consent: true })
    for (const [name, value] of Object.entries(choices)) await service.set({ [name]: value })
    await service.set({ kernel: 'wasm-simd' })
    expect(await service.status(undefined)).toMatchObject({ ...choices, kernelChoice: 'wasm-simd', knowsIdle: true })
    expect([pool.intensity, pool.choice]).toEqual([40, 'wasm-simd'])
    const stored = JSON.parse(new TextDecoder().decode(await files.read(SETTINGS)))
    expect(stored).toMatchObject({ ...choices, kernel: 'wasm-simd' })
  })

  it('only while nobody uses it is refused where the machine cannot tell', async () => {
    const { service } = await member({ knowsIdle: false })
    await expect(service.set({ onlyWhenIdle: true })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('cannot tell') })
    expect(await service.set({ onlyWhenIdle: false })).toMatchObject({ onlyWhenIdle: false, knowsIdle: false })
  })

  it('a kernel that there is not is refused, and one that was measured too bad to run', async () => {
    const { service, pool } = await member()
    await expect(service.set({ kernel: 'gpu' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('“gpu”') })
    pool.measured = [
      { name: 'typescript', hashRate: 1e6, chosen: true },
      { name: 'wasm', hashRate: null, chosen: false },
    ]
    await expect(service.set({ kernel: 'wasm' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('typescript') })
    expect(await service.set({ kernel: 'auto' })).toMatchObject({ kernelChoice: 'auto' })
  })

  it('takes effect at once on what rests', async () => {
    const { service, pool } = await member({ onBattery: true })
    expect(await service.set({ on: true, consent: true })).toMatchObject({ on: true, resting: 'battery' })
    expect(pool.job).toBeUndefined()
    expect(await service.set({ mineOnBattery: true })).toMatchObject({ on: true, resting: null })
    expect(pool.job).toBeDefined()
    expect(await service.set({ mineOnBattery: false })).toMatchObject({ on: true, resting: 'battery' })
  })

  it('shows what it takes per kernel, threads and intensity, and the last hour', async () => {
    const { service, clock } = await member()
    const all = (await service.set({ threads: 4 })).energy?.watts ?? 0
    expect((await service.set({ threads: 2, intensity: 50 })).energy?.watts).toBeCloseTo(all / 4, 1)
    clock.advance(25_000)
    expect(await service.chart(undefined)).toEqual({
      everySeconds: 10,
      points: [
        { at: 1_800_000_000, hashRate: 0 },
        { at: 1_800_000_010, hashRate: 0 },
      ],
    })
    expect(await service.own({})).toEqual({ found: 0, ripening: 0, ripened: 0, orphaned: 0, cheeses: [] })
  })
})

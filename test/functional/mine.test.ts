import { describe, expect, it } from 'vitest'
import type { MiningChart, MiningStatus, OwnCheeses } from '../../src/api/schemas.ts'
import { cheese, cheeseJson, freshFolder, passphraseFile, TestMember, until } from './support/processes.ts'

const commands = (member: TestMember) => {
  const at = ['--api', member.running.ready.api, '--data-dir', member.dataDir]
  return {
    run: <T = MiningStatus>(...args: string[]) => cheeseJson<T>(['mine', ...args, ...at]),
    raw: (...args: string[]) => cheese(['mine', ...args, ...at]),
  }
}

describe('mining from the command line', () => {
  it('waits for consent on networks where cheese is worth something', { timeout: 120_000 }, async () => {
    const dataDir = await freshFolder()
    const member = await TestMember.start({ dataDir, network: 'test' })
    const { run, raw } = commands(member)
    expect(await run()).toMatchObject({ on: false, consented: false })
    const refused = await raw('on')
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/^cheese: .*full load.*add --agree\.\n$/)
    await expect(member.client.mining.set({ on: true })).rejects.toMatchObject({ code: 'CONSENT_NEEDED' })
    await member.stop()

    const args = ['member', '--network', 'test', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--mine=1', '--passphrase-file', await passphraseFile()]
    const ended = await cheese(args)
    expect([ended.code, ended.stdout]).toEqual([1, ''])
    expect(ended.stderr).toMatch(/cheese: Mining was not agreed to .*--agree\.\n$/)

    const again = await TestMember.start({ dataDir, network: 'test' })
    const later = commands(again)
    expect(await later.run('on', '--threads', '1', '--agree')).toEqual({ on: true, threads: 1 })
    expect(await later.run()).toMatchObject({ on: true, consented: true, resting: null })
    expect(await later.run('off')).toEqual({ on: false, threads: 1 })
    expect(await later.run('on')).toEqual({ on: true, threads: 1 })
  })

  it('tells how it goes, keeps what was chosen and found, and begins by itself', { timeout: 120_000 }, async () => {
    const dataDir = await freshFolder()
    const member = await TestMember.start({ dataDir, pace: 0.2 })
    const { run, raw } = commands(member)
    expect(await run('on', '--threads', '1')).toEqual({ on: true, threads: 1 })
    const found = await until('it has found some', async () => {
      const own = await run<OwnCheeses>('own')
      return own.found >= 4 && own
    })
    expect(found.ripening + found.ripened + found.orphaned).toBe(found.found)
    expect(found.cheeses[0]).toMatchObject({ smell: expect.stringMatching(/^[0-9a-f]{64}$/), amount: '5000000000', state: 'ripening' })
    expect(found.cheeses.map(({ height }) => height)).toEqual(found.cheeses.map(({ height }) => height).sort((a, b) => b - a))
    expect(await run('set', '--intensity', '60', '--battery', 'on', '--auto-start', 'on')).toMatchObject({
      intensity: 60,
      mineOnBattery: true,
      autoStart: true,
    })
    expect(await raw('set', '--idle', 'on')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('cannot tell whether somebody uses it') })
    const chart = await until('a point of the chart has something', async () => {
      const { everySeconds, points } = await run<MiningChart>('chart')
      return points.some(({ hashRate }) => hashRate > 0) && { everySeconds, points }
    })
    expect(chart.everySeconds).toBe(10)
    await run('off')
    const { luck } = await run()
    expect(luck.found).toBeGreaterThanOrEqual(4)
    expect(luck.expected).toBeGreaterThan(0)
    await member.stop()

    const again = await TestMember.start({ dataDir, pace: 0.2 })
    const later = commands(again)
    const status = await later.run()
    expect(status).toMatchObject({ on: true, intensity: 60, threads: 1, luck: { since: luck.since } })
    expect(status.luck.found).toBeGreaterThanOrEqual(luck.found)
    expect((await later.run<OwnCheeses>('own', '--count', '1')).found).toBeGreaterThanOrEqual(4)
    await until('it begins alone', async () => (await later.run()).resting === null)
    await later.run('off')
  })
})

import { describe, expect, it, vi } from 'vitest'
import { keyOf, type Made, Maker } from '../chain/testing/maker.ts'
import { addAll, openStack, regtest } from '../chain/testing/stack.ts'
import { FakeClock } from '../mempool/fixture.ts'
import { memoryFiles } from '../net/testing/world.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { silent } from '../util/ports.ts'
import { MiningRecords } from './mining-records.ts'

const PATH = '/m/mining.json'
const ann = keyOf(1).address
const bob = keyOf(2).address

/** A member's stack and folder, which outlive what is opened of the records. */
async function folder({ address }: { readonly address?: Uint8Array } = { address: ann }) {
  const { stack } = await openStack(openMemoryStore())
  const files = memoryFiles()
  const clock = new FakeClock()
  const state: { address: Uint8Array | undefined } = { address }
  let closed = false
  const open = async () => {
    const records = await MiningRecords.open({ files, path: PATH, stack, clock, log: silent, address: () => state.address })
    stack.events.on('tip', ({ connected, disconnected }) => {
      if (closed) return
      if (disconnected.length > 0) records.own.handleReorg()
      for (const { entry } of connected) records.handleConnected(entry.smell)
    })
    return records
  }
  const text = async () => new TextDecoder().decode(await files.read(PATH))
  return {
    stack,
    files,
    clock,
    state,
    open,
    text,
    crash: () => {
      closed = true
    },
  }
}

const shown = (records: MiningRecords) => records.own.page(0, 100).map(({ height, state }) => `${height} ${state}`)
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('what is remembered of mining', () => {
  it('is every cheese that pays us, with its reward, from run to run', async () => {
    const { stack, open } = await folder()
    const maker = new Maker(regtest)
    const records = await open()
    const [one] = maker.makeMany(maker.blue, 1, { to: ann }) as [Made]
    const [two] = maker.makeMany(one, 1, { to: bob }) as [Made]
    const three = maker.makeMany(two, 2, { to: ann })
    await addAll(stack, [one, two, ...three])
    const expected = ['4 ripening', '3 ripening', '1 ripened']
    expect(shown(records)).toEqual(expected)
    expect(records.own.page(2, 1)).toEqual([{ height: 1, smell: one.smell, time: one.header.time, amount: 5_000_000_000n, state: 'ripened' }])
    await records.save()
    expect(shown(await open())).toEqual(expected)
  })

  it('waits for the next time to be written when the stack cannot be read', async () => {
    const { stack, open, text } = await folder()
    const records = await open()
    await addAll(stack, new Maker(regtest).makeMany(new Maker(regtest).blue, 1, { to: ann }))
    const broken = vi.spyOn(stack, 'isMain').mockImplementation(() => {
      throw new Error('damaged')
    })
    await records.save()
    broken.mockRestore()
    await records.save()
    expect(JSON.parse(await text())).toMatchObject({ cheeses: [{ height: 1 }] })
  })

  it("is what was written when the address's history cannot be read, until it can", async () => {
    const { stack, open, state, text, crash } = await folder()
    const maker = new Maker(regtest)
    const records = await open()
    const made = maker.makeMany(maker.blue, 2, { to: ann })
    await addAll(stack, made.slice(0, 1))
    await records.save()
    crash()
    await addAll(stack, made.slice(1))
    const broken = vi.spyOn(stack, 'activity').mockImplementation(() => {
      throw new Error('damaged')
    })
    const again = await open()
    expect(shown(again)).toEqual(['1 ripening'])
    await again.save()
    expect(JSON.parse(await text())).toMatchObject({ through: 1 })
    state.address = bob
    await again.handleAddress()
    expect(shown(again)).toEqual([])
    broken.mockRestore()
    state.address = ann
    expect(shown(await open())).toEqual(['2 ripening', '1 ripening'])
  })

  it('includes what a reorg left behind, over a restart and back again', async () => {
    const { stack, open } = await folder()
    const maker = new Maker(regtest)
    const records = await open()
    const ours = maker.makeMany(maker.blue, 2, { to: ann })
    const theirs = maker.makeMany(maker.blue, 3, { to: bob })
    await addAll(stack, ours)
    await addAll(stack, theirs)
    expect(records.own.counts()).toEqual({ found: 2, ripening: 0, ripened: 0, orphaned: 2 })
    await records.save()
    const again = await open()
    expect(shown(again)).toEqual(['2 orphaned', '1 orphaned'])
    await addAll(stack, maker.makeMany(ours[1] as Made, 2, { to: bob }))
    expect(shown(again)).toEqual(['2 ripened', '1 ripened'])
  })

  it('is found on the stack when it was never written down, or not to its end', async () => {
    const { stack, open, files, crash } = await folder()
    const maker = new Maker(regtest)
    const made = maker.makeMany(maker.blue, 3, { to: ann })
    await addAll(stack, made.slice(0, 2))
    const records = await open()
    expect(shown(records)).toEqual(['2 ripening', '1 ripening'])
    await records.save()
    crash()
    await addAll(stack, made.slice(2))
    expect(shown(await open())).toEqual(['3 ripening', '2 ripening', '1 ripened'])
    await files.remove(PATH)
    expect(shown(await open())).toEqual(['3 ripening', '2 ripening', '1 ripened'])
  })

  it('is written two seconds after a find, and five minutes after tries', async () => {
    const { stack, open, clock, text, files } = await folder()
    const records = await open()
    records.watch(() => ({ found: 1, expected: 0.5, since: 7 }))
    records.handleTries()
    clock.advance(299_999)
    await settled()
    expect(await files.read(PATH)).toBeUndefined()
    clock.advance(1)
    await records.save()
    expect(JSON.parse(await text())).toMatchObject({ luck: { found: 1, expected: 0.5, since: 7 }, cheeses: [] })
    records.handleTries()
    await addAll(stack, new Maker(regtest).makeMany(new Maker(regtest).blue, 1, { to: ann }))
    clock.advance(2_000)
    for (let i = 0; i < 20 && !(await text()).includes('"height":1'); i++) await settled()
    expect(JSON.parse(await text()).cheeses).toHaveLength(1)
    expect((await open()).luck).toEqual({ found: 1, expected: 0.5, since: 7 })
  })

  it('begins anew for another wallet, and with the first one', async () => {
    const { stack, open, state } = await folder({})
    const maker = new Maker(regtest)
    const records = await open()
    await addAll(stack, [maker.make(maker.blue, { to: ann })])
    expect(shown(records)).toEqual([])
    state.address = ann
    await records.handleAddress()
    expect(shown(records)).toEqual(['1 ripening'])
    await records.save()
    state.address = bob
    expect(shown(await open())).toEqual([])
  })

  it('that cannot be read is set aside', async () => {
    const { open, files } = await folder()
    const damaged = new TextEncoder().encode('{"version":1,')
    await files.write(PATH, damaged)
    const records = await open()
    expect([records.luck, shown(records), await files.read(`${PATH}.damaged`)]).toEqual([undefined, [], damaged])
  })

  it('a disk that takes nothing stops nobody', async () => {
    const { open, files } = await folder()
    const records = await open()
    files.write = () => Promise.reject(new Error('full'))
    await expect(records.save()).resolves.toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { silent } from '../util/ports.ts'
import { AddressBook, type Avoid } from './address-book.ts'
import { addressGroup } from './address-group.ts'
import { FakeClock, memoryFiles, seeded } from './testing/world.ts'

const nobody: Avoid = { endpoints: new Set(), memberIds: new Set(), groups: new Set(), lan: false, banned: () => false }

function bookOptions(relaxed = false) {
  return { files: memoryFiles(), path: '/net/peers.json', clock: new FakeClock(), random: seeded(7), log: silent, relaxed }
}

describe('the address book', () => {
  it('takes from strangers only what is globally routable, with a port of 1024 or above', async () => {
    const book = await AddressBook.open(bookOptions())
    for (const host of ['127.0.0.1', '10.1.2.3', '192.168.0.1', '100.64.0.1', '::1', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', 'example.org', '']) {
      for (const source of ['card', 'tracker', 'peer'] as const) expect(book.add({ host, port: 9875 }, source)).toBe(false)
    }
    expect(book.add({ host: '8.8.8.8', port: 1023 }, 'card')).toBe(false)
    expect(book.add({ host: '8.8.8.8', port: 1024 }, 'card')).toBe(true)
    expect(book.add({ host: '2a00::1', port: 9875 }, 'card')).toBe(true)
    expect(book.add({ host: '192.168.0.1', port: 9875 }, 'lan')).toBe(true)
    expect(book.add({ host: 'example.org', port: 80 }, 'manual')).toBe(true)
    expect(book.size).toBe(4)
    const relaxed = await AddressBook.open(bookOptions(true))
    expect(relaxed.add({ host: '127.0.0.1', port: 20_000 }, 'tracker')).toBe(true)
  })

  it('waits longer after each failure, and not after a success', async () => {
    const options = bookOptions()
    const book = await AddressBook.open(options)
    const [endpoint, other] = [
      { host: '8.8.8.8', port: 9875 },
      { host: '9.9.9.9', port: 9875 },
    ]
    book.add(endpoint, 'card')
    const waits: number[] = []
    for (let i = 0; i < 5; i++) {
      // Somebody else answers: it is not we who are offline.
      book.succeeded(other, 'bb')
      expect(book.choose(nobody)).toMatchObject(endpoint)
      book.dialling(endpoint)
      const started = options.clock.now()
      while (!book.choose(nobody)) await options.clock.advance(5_000)
      waits.push(options.clock.now() - started)
    }
    for (let i = 1; i < waits.length; i++) expect(waits[i]).toBeGreaterThan((waits[i - 1] as number) * 1.1)
    expect(waits[0]).toBeGreaterThanOrEqual(45_000)
    book.succeeded(endpoint, 'aa')
    await options.clock.advance(61_000)
    expect(book.choose(nobody)).toMatchObject(endpoint)
  })

  it('does not hold it against addresses that nobody answers at all, as while we are offline', async () => {
    const options = bookOptions()
    const book = await AddressBook.open(options)
    const endpoint = { host: '8.8.8.8', port: 9875 }
    book.add(endpoint, 'card')
    for (let i = 0; i < 20; i++) {
      expect(book.choose(nobody)).toMatchObject(endpoint)
      book.dialling(endpoint)
      await options.clock.advance(80_000)
    }
  })

  it('dials an address at most once a minute, whatever its port', async () => {
    const options = bookOptions()
    const book = await AddressBook.open(options)
    for (let port = 2_000; port < 2_010; port++) book.add({ host: '8.8.8.8', port }, 'card')
    const chosen = book.choose(nobody)
    if (!chosen) throw new Error('nobody to dial')
    book.dialling(chosen)
    expect(book.choose(nobody)).toBeUndefined()
    await options.clock.advance(60_000)
    expect(book.choose(nobody)).toBeDefined()
  })

  it('avoids groups, members, addresses and the banned', async () => {
    const options = bookOptions()
    const book = await AddressBook.open(options)
    book.add({ host: '8.8.1.1', port: 9875 }, 'card', { memberId: 'aa' })
    expect(book.choose({ ...nobody, groups: new Set([addressGroup('8.8.200.200') ?? '']) })).toBeUndefined()
    expect(book.choose({ ...nobody, endpoints: new Set(['8.8.1.1:9875']) })).toBeUndefined()
    expect(book.choose({ ...nobody, banned: () => true })).toBeUndefined()
    expect(book.choose(nobody)).toBeDefined()
    expect(addressGroup('8.8.1.1')).not.toBe(addressGroup('8.9.1.1'))
    expect(addressGroup('2a00:1::1')).toBe(addressGroup('2a00:1:ffff::1'))
    expect(addressGroup('127.0.0.1')).toBeUndefined()
    book.succeeded({ host: '8.8.1.1', port: 9875 }, 'aa')
    await options.clock.advance(61_000)
    expect(book.choose({ ...nobody, memberIds: new Set(['aa']) })).toBeUndefined()
    expect(book.choose({ ...nobody, banned: (memberId) => memberId === 'aa' })).toBeUndefined()
    expect(book.choose(nobody)).toBeDefined()
  })

  it('does not believe a card about who lives at an address', async () => {
    const book = await AddressBook.open(bookOptions())
    // A stranger lists somebody else's address as its own, and then is connected, or gets itself banned.
    book.add({ host: '8.8.1.1', port: 9875 }, 'card', { memberId: 'villain' })
    expect(book.choose({ ...nobody, memberIds: new Set(['villain']), banned: (memberId) => memberId === 'villain' })).toBeDefined()
  })

  it('is there again after a restart, and shrugs at a damaged file', async () => {
    const options = bookOptions()
    const book = await AddressBook.open(options)
    book.add({ host: '8.8.8.8', port: 9875 }, 'card', { memberId: 'aa' })
    book.add({ host: 'friend.example', port: 9875 }, 'manual')
    book.succeeded({ host: '8.8.8.8', port: 9875 }, 'bb')
    await book.save()
    const again = await AddressBook.open(options)
    expect(again.size).toBe(2)
    expect(again.choose({ ...nobody, memberIds: new Set(['bb']) })).toMatchObject({ host: 'friend.example' })
    for (const text of [
      '{"schema":2,"secret":"00","addresses":[["8.8.8.8",9875]]}',
      '',
      '{',
      '[]',
      'null',
      '{"schema":1,"endpoints":[null,{"host":5},{"host":"8.8.8.8","port":"x","source":"card"},{"host":"10.0.0.1","port":9875,"source":"card"}]}',
    ]) {
      await options.files.write(options.path, new TextEncoder().encode(text))
      expect((await AddressBook.open(options)).size).toBe(0)
    }
  })

  it('keeps what a person typed and what was found in the own network apart, whatever strangers tell', async () => {
    const book = await AddressBook.open(bookOptions())
    const typed = { host: '9.9.9.9', port: 9875 }
    book.add(typed, 'card')
    book.pin(typed)
    book.add({ host: 'friend.example', port: 9875 }, 'manual')
    book.add({ host: '192.168.0.7', port: 9875 }, 'lan')
    for (let i = 0; i < 10_000; i++) book.add({ host: `8.${i >> 8}.${i & 0xff}.1`, port: 9875 }, 'card', { from: `66.${i % 7}.1.1` })
    expect(book.duePinned(() => nobody)).toEqual([expect.objectContaining(typed)])
    expect(book.has({ host: 'friend.example', port: 9875 })).toBe(true)
    expect(book.has({ host: '192.168.0.7', port: 9875 })).toBe(true)
    for (let i = 0; i < 2_000; i++) book.add({ host: `192.168.${i >> 8}.${i & 0xff}`, port: 9875 }, 'lan')
    for (let i = 0; i < 2_000; i++) book.add({ host: `a${i}.example`, port: 9875 }, 'manual')
    expect(book.duePinned(() => nobody)).toHaveLength(1)
    expect(book.size).toBeLessThan(256 + 500 + 65_536)
  })

  it('does not fill all outbound peers from the own network', async () => {
    const book = await AddressBook.open(bookOptions())
    book.add({ host: '192.168.0.7', port: 9875 }, 'lan')
    expect(book.choose({ ...nobody, lan: true })).toBeUndefined()
    expect(book.choose(nobody)).toBeDefined()
  })

  it('writes a large book piece by piece, and all of it at the end', async () => {
    const options = bookOptions()
    const book = await AddressBook.open(options)
    const tell = (from: number, to: number) => {
      for (let i = from; i < to; i++)
        book.add({ host: `${11 + (i % 90)}.${(i * 7) & 0xff}.${i >> 8}.1`, port: 9875 }, 'card', { from: `${120 + (i % 60)}.${i & 0xff}.1.1` })
    }
    tell(0, 9_000)
    const size = book.size
    expect(size).toBeGreaterThan(8_000)
    const slow = book.save()
    expect(await options.files.read(options.path)).toBeUndefined()
    await options.clock.advance(10)
    await slow
    expect((await AddressBook.open(options)).size).toBe(size)
    tell(9_000, 9_500)
    await options.clock.advance(200_000)
    const overtaken = book.save()
    book.keep({ host: 'friend.example', port: 9875 })
    await book.save(true)
    await options.clock.advance(10)
    await overtaken
    const again = await AddressBook.open(options)
    expect([again.size, again.kept().length]).toEqual([book.size, 1])
  })

  it('redials what is kept after a restart, until it is forgotten', async () => {
    const options = bookOptions()
    const book = await AddressBook.open(options)
    const friend = { host: 'Friend.example', port: 9875 }
    expect(book.keep(friend)).toBe(true)
    expect(book.keep({ host: '', port: 1 })).toBe(false)
    book.pin({ host: '9.9.9.9', port: 9875 })
    await book.save()
    const again = await AddressBook.open(options)
    expect(again.kept()).toEqual([{ host: 'friend.example', port: 9875 }])
    expect(again.duePinned(() => nobody)).toHaveLength(1)
    expect(again.forget(friend)).toBe(true)
    expect(again.forget(friend)).toBe(false)
    await again.save()
    expect((await AddressBook.open(options)).kept()).toEqual([])
  })

  it('takes over what the version before wrote', async () => {
    const options = bookOptions()
    const at = (host: string, source: string, lastSuccess: number) => ({
      host,
      port: 9875,
      source,
      memberId: 'aa',
      lastSuccess,
      lastTry: lastSuccess,
      failures: 0,
    })
    const endpoints = [
      at('8.8.8.8', 'card', 5),
      at('8.9.8.8', 'tracker', 0),
      at('192.168.1.1', 'lan', 0),
      at('friend.example', 'manual', 5),
      at('10.0.0.1', 'card', 5),
    ]
    await options.files.write(options.path, new TextEncoder().encode(JSON.stringify({ schema: 1, endpoints })))
    const book = await AddressBook.open(options)
    expect(book.counts()).toEqual({ fresh: 2, tried: 2, groups: 2 })
    for (const { host, port } of endpoints.slice(0, 4)) expect(book.has({ host, port })).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { addressOf } from '../consensus/address.ts'
import { toHex } from '../util/bytes.ts'
import { encodeUtf8 } from '../util/utf8.ts'
import type { ListedMember } from './ports.ts'
import { DIR, person, Rig } from './testing/rig.ts'

const alice = person(1)
const bob = person(2)
const mallory = person(3)
const AMOUNT = '100000000'

function listed(nickname: string, who: ReturnType<typeof person>, memberId = toHex(who.address).slice(0, 8)): ListedMember {
  return { nickname, address: who.address, memberId, paymentKey: who.paymentKey }
}

describe('whom a send goes to', () => {
  it('an address, whatever its case and the space around it', async () => {
    const rig = await Rig.rich()
    expect(rig.wallet.resolve(` ${bob.text.toUpperCase()}\n`)).toMatchObject({ address: bob.address, name: null, warnings: [] })
  })

  it('a contact by name, whatever its case', async () => {
    const rig = await Rig.rich()
    await rig.wallet.addContact({ name: 'Bob', address: bob.text })
    expect(rig.wallet.resolve('bOB')).toMatchObject({ address: bob.address, name: 'Bob' })
    expect(await rig.wallet.send({ to: 'bob', amount: AMOUNT })).toMatchObject({ to: bob.text })
  })

  it('a member by nickname, also one that runs twice', async () => {
    const rig = await Rig.rich()
    rig.members.push(listed('Alice', alice, 'a1'), listed('Alice', alice, 'a2'))
    expect(rig.wallet.resolve('alice')).toMatchObject({ address: alice.address, name: 'Alice', warnings: [] })
  })

  it('nobody when the nickname is our own', async () => {
    const rig = await Rig.rich()
    expect(() => rig.wallet.resolve(rig.wallet.nickname ?? '')).toThrowError(
      expect.objectContaining({ code: 'UNKNOWN_RECIPIENT', message: expect.stringContaining('is you') }),
    )
  })

  it('nobody when two members of that nickname have different addresses', async () => {
    const rig = await Rig.rich()
    rig.members.push(listed('Alice', alice, 'a1'), listed('alice', mallory, 'm1'))
    expect(() => rig.wallet.resolve('Alice')).toThrowError(
      expect.objectContaining({
        code: 'AMBIGUOUS_RECIPIENT',
        message: expect.stringContaining(`${alice.text} or ${mallory.text}`),
        data: {
          candidates: [
            { nickname: 'Alice', address: alice.text, memberId: 'a1' },
            { nickname: 'alice', address: mallory.text, memberId: 'm1' },
          ],
        },
      }),
    )
    expect(rig.wallet.resolve(alice.text).warnings.join()).toContain('Another member is called "alice" too')
  })

  it('the first payment to a member pins the key; a changed key stops the next one by name, not by address', async () => {
    const rig = await Rig.rich()
    rig.members.push(listed('Alice', alice))
    await rig.wallet.send({ to: 'Alice', amount: AMOUNT })
    expect(rig.wallet.contacts()).toEqual([{ name: 'Alice', address: alice.text, pinnedKey: toHex(alice.paymentKey), addedAt: 1_800_000_000 }])
    await rig.wallet.send({ to: 'Alice', amount: AMOUNT })
    expect(rig.wallet.contacts()).toHaveLength(1)

    rig.members.splice(0, 1, listed('alice', mallory, 'm1'))
    await expect(rig.wallet.send({ to: 'Alice', amount: AMOUNT })).rejects.toMatchObject({
      code: 'KEY_CHANGED',
      message: expect.stringContaining(mallory.text),
      data: { contact: { name: 'Alice', address: alice.text }, candidates: [{ nickname: 'alice', address: mallory.text, memberId: 'm1' }] },
    })
    expect(await rig.wallet.send({ to: alice.text, amount: AMOUNT })).toMatchObject({ to: alice.text })
    expect((await rig.wallet.review({ to: mallory.text, amount: AMOUNT })).warnings.join()).toContain('looks like your contact "Alice"')
    await rig.wallet.send({ to: mallory.text, amount: AMOUNT })
    expect(rig.wallet.contacts()).toHaveLength(1)

    // The true Alice is back: the contact is paid, and the other is pointed out.
    rig.members.push(listed('Alice', alice))
    expect(rig.wallet.resolve('Alice')).toMatchObject({ address: alice.address, warnings: [expect.stringContaining('Another member is called "alice" too')] })
  })

  it('a contact added by hand gets its key at the first payment while its member is online', async () => {
    const rig = await Rig.rich()
    await rig.wallet.addContact({ name: 'My friend', address: alice.text })
    await rig.wallet.send({ to: 'My friend', amount: AMOUNT })
    expect(rig.wallet.contacts()[0]?.pinnedKey).toBeNull()
    rig.members.push(listed('Alice', alice))
    await rig.wallet.send({ to: 'My friend', amount: AMOUNT })
    expect(rig.wallet.contacts()).toEqual([expect.objectContaining({ name: 'My friend', pinnedKey: toHex(alice.paymentKey) })])
  })

  it('a contact whose key is not pinned is paid at its own address whoever bears the name', async () => {
    const rig = await Rig.rich()
    await rig.wallet.addContact({ name: 'Alice', address: alice.text })
    rig.members.push(listed('Alice', mallory))
    expect(rig.wallet.resolve('Alice')).toMatchObject({ address: alice.address, warnings: [expect.stringContaining('Another member')] })
    await rig.wallet.send({ to: 'Alice', amount: AMOUNT })
    expect(rig.wallet.contacts()).toEqual([expect.objectContaining({ address: alice.text, pinnedKey: null })])
  })

  it('is paid even when the pin cannot be written', async () => {
    const rig = await Rig.rich()
    rig.members.push(listed('Alice', alice))
    rig.files.broken.add(`${DIR}/contacts.json`)
    const { id } = await rig.wallet.send({ to: 'Alice', amount: AMOUNT })
    expect(rig.chain.isWaiting(id)).toBe(true)
    expect(rig.wallet.contacts()).toEqual([])
  })

  it('points out look-alikes before the first payment', async () => {
    const rig = await Rig.rich()
    await rig.wallet.addContact({ name: 'Paul', address: bob.text })
    rig.members.push(listed('PauI', mallory, 'm1'), listed('Carol', alice, 'c1'))
    const { warnings } = await rig.wallet.review({ to: 'PauI', amount: AMOUNT })
    expect(warnings).toEqual([`"PauI" looks like your contact "Paul", but has another address: the contact's is ${bob.text}.`])
    expect([...rig.wallet.memberWarnings()]).toEqual([['m1', warnings[0]]])
    // Where nobody has seen the warning (the command line sends without a review), only the address will do.
    await expect(rig.wallet.send({ to: 'PauI', amount: AMOUNT })).rejects.toMatchObject({
      code: 'AMBIGUOUS_RECIPIENT',
      message: expect.stringMatching(new RegExp(`looks like your contact "Paul".*by address: ${mallory.text}`)),
      data: { candidates: [{ nickname: 'PauI', address: mallory.text, memberId: 'm1' }] },
    })
    expect(await rig.wallet.send({ to: 'Paul', amount: AMOUNT })).toMatchObject({ to: bob.text })
    expect(await rig.wallet.send({ to: mallory.text, amount: AMOUNT })).toMatchObject({ to: mallory.text })
  })
})

describe('contacts', () => {
  it('are kept, sorted by name, and can be removed', async () => {
    const rig = await Rig.rich()
    await rig.wallet.addContact({ name: 'bob', address: bob.text })
    await rig.wallet.addContact({ name: ' Alice  Liddell ', address: alice.text.toUpperCase(), key: toHex(alice.paymentKey) })
    let told = 0
    await rig.restart()
    rig.wallet.events.on('contacts', () => told++)
    expect(rig.wallet.contacts()).toEqual([
      { name: 'Alice Liddell', address: alice.text, pinnedKey: toHex(alice.paymentKey), addedAt: 1_800_000_000 },
      { name: 'bob', address: bob.text, pinnedKey: null, addedAt: 1_800_000_000 },
    ])
    await rig.wallet.removeContact('BOB')
    expect(told).toBe(1)
    expect((await rig.restart()).contacts().map(({ name }) => name)).toEqual(['Alice Liddell'])
    await expect(rig.wallet.removeContact('bob')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('take the key of a member who is online', async () => {
    const rig = await Rig.rich()
    rig.members.push(listed('Alice', alice))
    expect(await rig.wallet.addContact({ name: 'A', address: alice.text })).toMatchObject({ pinnedKey: toHex(alice.paymentKey) })
  })

  it.each([
    ['a taken name', { name: 'BOB' }, 'BAD_INPUT', 'There is a contact named "Bob" already'],
    ['a taken address', { name: 'Robert', address: bob.text }, 'BAD_INPUT', 'already, as "Bob"'],
    ['no name', { name: '  ' }, 'BAD_INPUT', 'at least one visible character'],
    ['a name like an address', { name: 'cheese1abc' }, 'BAD_INPUT', 'named like an address'],
    ['a typo', { address: `${alice.text.slice(0, -1)}q` }, 'BAD_ADDRESS', 'typo'],
    ['another network', { address: person(1, 'test').text }, 'OTHER_NETWORK', 'test network'],
    ['no address', { address: 'hello' }, 'BAD_ADDRESS', 'begins with rcheese1'],
    ['a key that is none', { key: 'zz' }, 'BAD_INPUT', '64 hex digits'],
    ["somebody else's key", { key: toHex(mallory.paymentKey) }, 'BAD_INPUT', 'does not belong'],
  ])('refuse %s', async (_what, changes, code, message) => {
    const rig = await Rig.rich()
    await rig.wallet.addContact({ name: 'Bob', address: bob.text })
    await expect(rig.wallet.addContact({ name: 'Alice', address: alice.text, ...changes })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
    expect(rig.wallet.contacts()).toHaveLength(1)
  })

  it('that are damaged are set aside, not lost', async () => {
    const rig = await Rig.rich()
    for (const damage of ['{"version":1,"contacts":[{"name":1}]}', '', '{"version":2,"contacts":[]}']) {
      rig.files.files.set(`${DIR}/contacts.json`, { bytes: encodeUtf8(damage), secret: false })
      rig.clock.pass(1)
      await rig.restart()
      expect(rig.wallet.contacts()).toEqual([])
      expect(rig.files.text(`${DIR}/contacts.json.damaged-${rig.clock.now()}`)).toBe(damage)
    }
    await rig.wallet.addContact({ name: 'Bob', address: bob.text })
    expect((await rig.restart()).contacts()).toHaveLength(1)
  })

  it('stay as they were when they cannot be written', async () => {
    const rig = await Rig.rich()
    rig.files.broken.add(`${DIR}/contacts.json`)
    await expect(rig.wallet.addContact({ name: 'Bob', address: bob.text })).rejects.toThrow('the disk is full')
    expect(rig.wallet.contacts()).toEqual([])
    expect(addressOf(bob.paymentKey)).toEqual(bob.address)
  })
})

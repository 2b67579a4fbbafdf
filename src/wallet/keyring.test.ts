import { describe, expect, it } from 'vitest'
import { sha256 } from '../consensus/hash.ts'
import { params } from '../consensus/params.ts'
import { verifySignature } from '../consensus/signature.ts'
import { encodeUtf8 } from '../util/utf8.ts'
import { inlineVaultCipher, openAge } from './age.ts'
import type { Draft } from './drafts.ts'
import { DIR, PASSPHRASE, Rig, WORDS } from './testing/rig.ts'

const VAULT = `${DIR}/vault.age`
const PROFILE = `${DIR}/wallet.json`
const DAY_MS = 86_400_000

function answers({ words, ask }: Draft): string[] {
  return ask.map((number) => words[number - 1] as string)
}

async function made(): Promise<Rig> {
  const rig = await Rig.empty()
  await rig.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname: 'Me' })
  return rig
}

describe('making a wallet', () => {
  it('draws words, asks for three, and keeps them in an age file', async () => {
    const rig = await Rig.empty()
    expect(rig.wallet.state).toBe('none')
    const draft = rig.wallet.draft()
    await rig.wallet.create({ draft: draft.draft, answers: answers(draft).map((word) => ` ${word.toUpperCase()}`), passphrase: PASSPHRASE, nickname: ' Ann ' })
    expect(rig.wallet.state).toBe('locked')
    expect(rig.wallet.nickname).toBe('Ann')
    expect(await rig.wallet.words(PASSPHRASE)).toEqual(draft.words)
    expect(rig.files.files.get(VAULT)?.secret).toBe(true)
    const opened = await openAge(rig.files.files.get(VAULT)?.bytes ?? new Uint8Array(), PASSPHRASE)
    expect(opened.ok && JSON.parse(new TextDecoder().decode(opened.value))).toEqual({ version: 1, words: draft.words, createdAt: 1_800_000_000 })
    for (const { bytes } of rig.files.files.values()) expect(new TextDecoder().decode(bytes)).not.toContain(draft.words.slice(0, 3).join(' '))
  })

  it('refuses wrong answers by number, and words that were not drawn or are too old', async () => {
    const rig = await Rig.empty()
    const draft = rig.wallet.draft()
    const [a = '', b = '', c = ''] = answers(draft)
    const make = (changes: object) => rig.wallet.create({ draft: draft.draft, answers: [a, b, c], passphrase: PASSPHRASE, nickname: 'Ann', ...changes })
    await expect(make({ answers: [a, 'wrong', c] })).rejects.toMatchObject({ code: 'WRONG_ANSWERS', data: { wrong: [draft.ask[1]] } })
    await expect(make({ answers: [a, b] })).rejects.toMatchObject({ code: 'WRONG_ANSWERS' })
    await expect(make({ answers: [a, b, c, a] })).rejects.toMatchObject({ code: 'WRONG_ANSWERS' })
    await expect(make({ draft: 'other' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    rig.clock.pass(3_600_001)
    await expect(make({})).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(rig.files.files.size).toBe(0)
  })

  it.each([
    ['short', 'it needs at least 8'],
    ['aaaaaaaaaa', 'over and over'],
    ['          ', 'over and over'],
  ])('refuses the passphrase %j', async (passphrase, why) => {
    const rig = await Rig.empty()
    const restoring = rig.wallet.restore({ words: WORDS, passphrase, nickname: 'Me' })
    await expect(restoring).rejects.toMatchObject({ code: 'WEAK_PASSPHRASE', message: expect.stringContaining(why) })
    expect(rig.files.files.size).toBe(0)
  })

  it.each([
    ['', 'at least one visible character'],
    ['rcheese1abc', 'begin like an address'],
    ['x'.repeat(33), 'at most 32'],
  ])('refuses the nickname %j', async (nickname, why) => {
    const rig = await Rig.empty()
    await expect(rig.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining(why),
    })
  })

  it('refuses bad words', async () => {
    const rig = await Rig.empty()
    await expect(rig.wallet.restore({ words: 'abandon', passphrase: PASSPHRASE, nickname: 'Me' })).rejects.toMatchObject({ code: 'BAD_WORDS' })
  })

  it('never overwrites a vault, not even a damaged one', async () => {
    const rig = await made()
    const before = rig.files.files.get(VAULT)
    expect(() => rig.wallet.draft()).toThrowError(expect.objectContaining({ code: 'WALLET_EXISTS' }))
    await expect(rig.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname: 'Me' })).rejects.toMatchObject({ code: 'WALLET_EXISTS' })
    expect(rig.files.files.get(VAULT)).toBe(before)
    const racing = await Rig.empty()
    const both = await Promise.allSettled(['Ann', 'Bob'].map((nickname) => racing.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname })))
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('leaves nothing when the vault cannot be written, and can be tried again', async () => {
    const rig = await Rig.empty()
    rig.files.broken.add(VAULT)
    await expect(rig.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname: 'Me' })).rejects.toThrow('the disk is full')
    expect(rig.wallet.state).toBe('none')
    rig.files.broken.clear()
    await rig.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname: 'Me' })
    expect(rig.wallet.state).toBe('locked')
  })
})

describe('opening a wallet', () => {
  it('keeps address and nickname known while locked, over restarts', async () => {
    const rig = await made()
    const { address, publicKey, certificate } = rig.wallet
    await rig.restart()
    expect(rig.wallet.state).toBe('locked')
    expect(rig.wallet).toMatchObject({ address, publicKey, certificate, nickname: 'Me' })
    expect(rig.files.text(PROFILE)).not.toContain('abandon')
  })

  it('refuses a wrong passphrase, and a vault that is not there', async () => {
    const rig = await made()
    await expect(rig.wallet.unlock('not the passphrase')).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
    await expect(rig.wallet.words('not the passphrase')).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
    await expect((await Rig.empty()).wallet.unlock(PASSPHRASE)).rejects.toMatchObject({ code: 'WALLET_MISSING' })
  })

  it.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, -10)],
    ['empty', () => new Uint8Array()],
    ['something else', () => encodeUtf8('hello')],
  ])('says what to do when the vault is damaged: %s', async (_what, damage) => {
    const rig = await made()
    const bytes = damage(rig.files.files.get(VAULT)?.bytes ?? new Uint8Array())
    rig.files.files.set(VAULT, { bytes, secret: true })
    await expect(rig.wallet.unlock(PASSPHRASE)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringMatching(/vault\.age.*move that file away.*restore/),
    })
    expect(rig.files.files.get(VAULT)?.bytes).toEqual(bytes)
  })

  it('says that a vault with nonsense inside is damaged', async () => {
    const rig = await made()
    rig.files.files.set(VAULT, {
      bytes: await inlineVaultCipher({ workFactor: 1 }).seal(encodeUtf8('{"version":1,"words":["abandon"]}'), PASSPHRASE),
      secret: true,
    })
    await expect(rig.wallet.unlock(PASSPHRASE)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })

  it.each([
    ['lost', (rig: Rig) => rig.files.files.delete(PROFILE)],
    ['damaged', (rig: Rig) => rig.files.files.set(PROFILE, { bytes: encodeUtf8('{"version":1'), secret: false })],
    ['of another shape', (rig: Rig) => rig.files.files.set(PROFILE, { bytes: encodeUtf8('{"version":1,"network":"regtest","address":"x"}'), secret: false })],
  ])('makes wallet.json anew from the vault when it is %s', async (_what, lose) => {
    const rig = await made()
    const { address } = rig.wallet
    lose(rig)
    await rig.restart()
    expect(rig.wallet.state).toBe('locked')
    expect(rig.wallet.address).toBeUndefined()
    await expect(rig.wallet.review({ to: 'x', amount: '1' })).rejects.toMatchObject({ code: 'WALLET_LOCKED' })
    await rig.wallet.unlock(PASSPHRASE)
    expect(rig.wallet.address).toEqual(address)
    await rig.restart()
    expect(rig.wallet.address).toEqual(address)
  })

  it('trusts the vault over a wallet.json of another key', async () => {
    const other = await Rig.empty()
    const draft = other.wallet.draft()
    await other.wallet.create({ draft: draft.draft, answers: answers(draft), passphrase: PASSPHRASE, nickname: 'Eve' })
    const rig = await made()
    const { address } = rig.wallet
    rig.files.files.set(PROFILE, { bytes: other.files.files.get(PROFILE)?.bytes ?? new Uint8Array(), secret: false })
    await rig.restart()
    expect(rig.wallet.address).toEqual(other.wallet.address)
    await rig.wallet.unlock(PASSPHRASE)
    expect(rig.wallet.address).toEqual(address)
  })

  it('refuses a folder of another network', async () => {
    const rig = await made()
    await expect(rig.restart({ params: params('test') })).rejects.toMatchObject({ code: 'DATA_OTHER_NETWORK', message: expect.stringContaining('"regtest"') })
  })

  it('locks after its time, also when the timer is late', async () => {
    const rig = await made()
    expect(await rig.wallet.unlock(PASSPHRASE, 60)).toBe(1_800_000_060)
    expect(rig.wallet.state).toBe('unlocked')
    rig.clock.pass(59_999)
    expect(rig.wallet.state).toBe('unlocked')
    rig.clock.pass(1, { late: true })
    expect(rig.wallet.state).toBe('locked')
    await expect(rig.wallet.setNickname('Late')).rejects.toMatchObject({ code: 'WALLET_LOCKED' })

    await rig.wallet.unlock(PASSPHRASE, 60)
    const states: string[] = []
    rig.wallet.events.on('changed', () => states.push(rig.wallet.state))
    rig.clock.pass(60_000)
    expect(states).toEqual(['locked'])
  })

  it('is longer open when unlocked again, and not at all with 0 seconds', async () => {
    const rig = await made()
    await rig.wallet.unlock(PASSPHRASE, 60)
    rig.clock.pass(30_000)
    expect(await rig.wallet.unlock(PASSPHRASE, 60)).toBe(1_800_000_090)
    rig.clock.pass(59_000)
    expect(rig.wallet.state).toBe('unlocked')
    rig.wallet.lock()
    expect(await rig.wallet.unlock(PASSPHRASE, 0)).toBe(1_800_000_089)
    expect(rig.wallet.state).toBe('locked')
  })

  it('stays open when it is kept open, until it is locked', async () => {
    const rig = await made()
    await rig.wallet.keepUnlocked(PASSPHRASE)
    expect(await rig.wallet.unlock(PASSPHRASE, 60)).toBeNull()
    rig.clock.pass(100 * DAY_MS)
    expect(rig.wallet.state).toBe('unlocked')
    rig.wallet.lock()
    expect(rig.wallet.state).toBe('locked')
  })
})

describe('changing the passphrase', () => {
  it('seals the same words anew', async () => {
    const rig = await made()
    await expect(rig.wallet.changePassphrase('not the passphrase', 'another passphrase')).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
    await expect(rig.wallet.changePassphrase(PASSPHRASE, 'short')).rejects.toMatchObject({ code: 'WEAK_PASSPHRASE' })
    await rig.wallet.changePassphrase(PASSPHRASE, 'another passphrase')
    expect((await rig.wallet.words('another passphrase')).join(' ')).toBe(WORDS)
    await expect(rig.wallet.words(PASSPHRASE)).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
  })

  it('keeps the old vault when the new one cannot be written', async () => {
    const rig = await made()
    rig.files.broken.add(VAULT)
    await expect(rig.wallet.changePassphrase(PASSPHRASE, 'another passphrase')).rejects.toThrow('the disk is full')
    expect((await rig.wallet.words(PASSPHRASE)).join(' ')).toBe(WORDS)
  })

  it('keeps the old vault when what was sealed does not open', async () => {
    const rig = await made()
    const before = rig.files.files.get(VAULT)
    await rig.restart({ cipher: { ...rig.cipher, seal: async () => new Uint8Array(200) } })
    await expect(rig.wallet.changePassphrase(PASSPHRASE, 'another passphrase')).rejects.toThrow('does not open')
    expect(rig.files.files.get(VAULT)).toBe(before)
  })
})

describe('the certificate', () => {
  it('is signed by the payment key when the wallet is made, and kept', async () => {
    const rig = await made()
    const signature = rig.wallet.certificate?.subarray(2) ?? new Uint8Array()
    expect(verifySignature({ publicKey: rig.wallet.publicKey ?? new Uint8Array(), message: sha256(encodeUtf8('Me')), signature })).toBe(true)
    await rig.wallet.unlock(PASSPHRASE)
    expect(rig.certified).toHaveLength(1)
  })

  it('is renewed at an unlock after 30 days, or when it fits no longer', async () => {
    const rig = await made()
    rig.clock.pass(30 * DAY_MS)
    await rig.wallet.unlock(PASSPHRASE)
    expect(rig.certified).toHaveLength(1)
    rig.clock.pass(1000)
    await rig.wallet.unlock(PASSPHRASE)
    expect(rig.certified).toHaveLength(2)
    await rig.restart({ isCurrent: () => false })
    await rig.wallet.unlock(PASSPHRASE)
    expect(rig.certified).toHaveLength(3)
  })

  it('is renewed without an unlock while the wallet is kept open', async () => {
    const rig = await made()
    await rig.wallet.keepUnlocked(PASSPHRASE)
    rig.clock.pass(31 * DAY_MS)
    await rig.settle()
    expect(rig.certified).toHaveLength(2)
  })

  it('follows the nickname, which needs the open wallet or the passphrase', async () => {
    const rig = await made()
    await expect(rig.wallet.setNickname('Ann')).rejects.toMatchObject({ code: 'WALLET_LOCKED', message: expect.stringContaining('--passphrase-file') })
    await expect(rig.wallet.setNickname('Ann', 'not the passphrase')).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
    expect(await rig.wallet.setNickname('  Ann ', PASSPHRASE)).toBe('Ann')
    await rig.restart()
    expect(rig.wallet.nickname).toBe('Ann')
    expect(rig.certified.map(({ nickname }) => nickname)).toEqual(['Me', 'Ann'])
  })
})

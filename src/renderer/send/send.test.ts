import { describe, expect, it } from 'vitest'
import type { Contact, Journey, MemberEntry } from '../../api/schemas.ts'
import { emptyForm, planOf, type SendForm } from './form.ts'
import { recipientsOf } from './recipients.ts'
import { stepsOf } from './steps.ts'

const suggestion = { fee: '1430', feePerByte: 10 }
const plan = (form: Partial<SendForm>, spendable = '1000000000') => planOf({ ...emptyForm, to: ' Bob ', ...form }, spendable, suggestion)

describe('the form', () => {
  it('asks for a review only when it is whole', () => {
    expect(plan({}).input).toBeUndefined()
    expect(plan({ amount: '1', to: ' ' }).input).toBeUndefined()
    expect(plan({ amount: '1.5' }).input).toEqual({ to: 'Bob', amount: '150000000' })
  })

  it('says what is wrong with an amount', () => {
    expect(plan({ amount: '1,5' }).errors.amount).toBeDefined()
    expect(plan({ amount: '0' }).errors.amount).toContain('one crumb')
    expect(plan({ amount: '0' }).input).toBeUndefined()
  })

  it('shows the suggested fee, with room for the memo, and leaves the choice to the member', () => {
    expect(plan({}).feeText).toBe('0.0000143')
    expect(plan({ memo: 'hé' }).feeText).toBe('0.0000146')
    expect(plan({ amount: '1' }).input?.fee).toBeUndefined()
    expect(plan({ amount: '1', fee: '0' }).input?.fee).toBe('0')
    expect(plan({ amount: '1', fee: 'x' }).errors.fee).toBeDefined()
  })

  it('sends all, less the fee', () => {
    expect(plan({ all: true }).input).toEqual({ to: 'Bob', amount: '999998570', fee: '1430' })
    expect(plan({ all: true, fee: '1' }).amountText).toBe('9')
    expect(plan({ all: true }, '1430').errors.amount).toContain('Nothing is left')
    expect(plan({ all: true, fee: '2' }, '1430').input).toBeUndefined()
  })

  it('holds a memo of 80 bytes, not of 81', () => {
    expect(plan({ amount: '1', memo: 'é'.repeat(40) }).input?.memo).toHaveLength(40)
    expect(plan({ amount: '1', memo: `${'é'.repeat(40)}!` }).errors.memo).toContain('81')
  })
})

const member = (nickname: string, part: Partial<MemberEntry> = {}): MemberEntry => ({
  nickname,
  address: `cheese1${nickname.toLowerCase()}`,
  memberId: nickname,
  endpoint: 'h:1',
  height: 1,
  reachable: true,
  lastSeen: 0,
  connected: false,
  contact: null,
  warning: null,
  ...part,
})
const contact = (name: string): Contact => ({ name, address: `cheese1${name.toLowerCase()}`, pinnedKey: null, addedAt: 0 })

describe('recipients', () => {
  it('lists those online first, without oneself, then the other contacts', () => {
    const list = recipientsOf([member('Zoe'), member('Bob'), member('Me')], [contact('Bob'), contact('Ann')], 'Me', '')
    expect(list.map((one) => [one.kind, one.name])).toEqual([
      ['member', 'Bob'],
      ['member', 'Zoe'],
      ['contact', 'Ann'],
    ])
  })

  it('puts those who list no address last and says so', () => {
    const list = recipientsOf([member('Abe', { address: null }), member('Bob')], [], 'Me', '')
    expect(list.map((one) => one.name)).toEqual(['Bob', 'Abe'])
    expect(list[1]?.presence).toContain('no payment address')
  })

  it('finds by name and by address', () => {
    const both = [member('Bob'), member('Zoe')]
    expect(recipientsOf(both, [], 'Me', 'zO').map((one) => one.name)).toEqual(['Zoe'])
    expect(recipientsOf(both, [], 'Me', 'cheese1bob').map((one) => one.name)).toEqual(['Bob'])
  })

  it('keeps two members of one name apart', () => {
    const list = recipientsOf([member('Bob'), member('Bob', { memberId: 'other', address: 'cheese1x' })], [], 'Me', '')
    expect(new Set(list.map((one) => one.key)).size).toBe(2)
  })
})

const journey = (part: Partial<Journey>, entry: Partial<Journey['entry']> = {}): Journey => ({
  entry: { kind: 'sent', state: 'waiting', amount: '1', fee: '1', counterparty: 'a', name: null, memo: '', height: null, confirmations: 0, time: 0, ...entry },
  seenBy: 0,
  seenByPeers: [],
  peers: 3,
  ahead: 0,
  expiry: 0,
  sequence: 0,
  smell: null,
  ...part,
})
const states = (of: Journey) => stepsOf(of).map((step) => step.state)

describe('the journey', () => {
  it('goes from signed to confirmed', () => {
    expect(states(journey({}))).toEqual(['done', 'now', 'ahead', 'ahead', 'ahead'])
    expect(states(journey({ seenBy: 1 }))).toEqual(['done', 'done', 'now', 'ahead', 'ahead'])
    expect(states(journey({}, { state: 'confirmed', height: 5, confirmations: 1 }))).toEqual(['done', 'done', 'done', 'done', 'now'])
    expect(states(journey({}, { state: 'confirmed', height: 5, confirmations: 6 }))).toEqual(['done', 'done', 'done', 'done', 'done'])
  })

  it('ends where it expired, and calls nothing done that was not', () => {
    expect(states(journey({ seenBy: 2 }, { state: 'expired' }))).toEqual(['done', 'done', 'ended', 'ended', 'ended'])
    expect(states(journey({}, { state: 'cancelled' }))).toEqual(['done', 'ended', 'ended', 'ended', 'ended'])
  })
})

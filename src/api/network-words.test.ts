import { describe, expect, it } from 'vitest'
import { FAULTS } from '../net/faults.ts'
import { banWords, mappingWords, offenceWords, relayWords } from './network-words.ts'

describe('the network in words', () => {
  it('says what came of asking the router', () => {
    const none = { by: null, external: null, error: null }
    expect(mappingWords({ ...none, state: 'mapped', by: 'nat-pmp', external: '8.8.8.8:9875' })).toBe('the router lets others in at 8.8.8.8:9875 (NAT-PMP)')
    expect(mappingWords({ ...none, state: 'failed', error: 'No router answered.' })).toBe('No router answered.')
    expect(mappingWords({ ...none, state: 'failed' })).toBe('the router lets nobody in')
    expect(mappingWords({ ...none, state: 'trying' })).toContain('being asked')
  })

  it('has words for everything that a peer can do wrong, as the network has them', () => {
    for (const [kind, { words }] of Object.entries(FAULTS)) expect(offenceWords(kind)).toBe(`It ${words}`)
    expect(offenceWords('<b>later</b>')).toBe('Offence “<b>later</b>”')
  })

  it('says who banned somebody, and why', () => {
    expect(banWords({ kind: 'manual', reason: 'rude' })).toBe('By you: rude')
    expect(banWords({ kind: 'manual', reason: 'a person asked for it' })).toBe('By you')
    expect(banWords({ kind: 'spam', reason: 'too many messages' })).toBe('It sent or asked for more than its share: too many messages')
    expect(banWords({ kind: 'stall', reason: '' })).toBe('It did not answer in time')
  })

  it('says how a peer gives us new cheeses', () => {
    expect((['high', 'low', 'full'] as const).map((relay) => relayWords(relay).short)).toEqual(['Ahead', 'On request', 'Whole'])
  })
})

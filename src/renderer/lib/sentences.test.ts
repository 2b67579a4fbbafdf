import { describe, expect, it } from 'vitest'
import type { HistoryEntry, JoinedTracker, Journey, SyncStatus } from '../../api/schemas.ts'
import { idleStatus } from '../../api/testing/fake-service.ts'
import { counts, journeySentence, stateWord, syncLamp, syncSentence, trackerLamp, trackerSentence } from './sentences.ts'

const sync = (part: Partial<SyncStatus>): SyncStatus => ({ ...idleStatus.sync, stage: 'synced', height: 100, bestHeight: 100, ...part })
const joined = (part: Partial<JoinedTracker>): JoinedTracker => ({
  url: 'http://t:1',
  state: 'joined',
  lastAnswer: 1,
  error: null,
  failingSince: null,
  reachable: true,
  own: false,
  ...part,
})
const entry = (part: Partial<HistoryEntry>): HistoryEntry => ({
  kind: 'sent',
  state: 'waiting',
  amount: '1',
  fee: '1',
  counterparty: 'a',
  name: null,
  memo: '',
  height: null,
  confirmations: 0,
  time: 0,
  ...part,
})
const journey = (part: Partial<Journey>): Journey => ({
  entry: entry({}),
  seenBy: 1,
  seenByPeers: [],
  peers: 3,
  ahead: 2,
  expiry: 0,
  sequence: 0,
  smell: null,
  ...part,
})

describe('sync', () => {
  it('says the truth at every stage', () => {
    expect(syncSentence(sync({ stage: 'alone' }), 0)).toBe('No member is connected, so height 100 is only what this computer knows.')
    expect(syncSentence(sync({ stage: 'headers', bestHeight: 5000 }), 2)).toBe('Asking 2 members how far the stack goes: height 5,000 so far.')
    expect(syncSentence(sync({ stage: 'bodies', bestHeight: 400, secondsLeft: 180 }), 2)).toBe('Checking cheese 100 of 400. Balances are those of height 100.')
    expect(syncSentence(sync({}), 1)).toBe('In step with 1 member at height 100.')
  })

  it('shows in its lamp', () => {
    expect(syncLamp(sync({ stage: 'alone' }), 0).colour).toBe('warn')
    expect(syncLamp(sync({ stage: 'bodies', height: 399, bestHeight: 400, progress: 0.9975 }), 1)).toEqual({ colour: 'busy', text: 'Syncing 99 %' })
    expect(syncLamp(sync({}), 1).colour).toBe('good')
  })

  it('is never called in step with nobody', () => {
    for (const stage of ['headers', 'bodies', 'synced'] as const) {
      expect(syncLamp(sync({ stage }), 0)).toEqual({ colour: 'warn', text: 'No members' })
      expect(syncSentence(sync({ stage }), 0)).toMatch(/^No member is connected/)
    }
  })
})

describe('trackers', () => {
  it('shows in one lamp whether they answer', () => {
    expect(trackerLamp({ hosting: null, joined: [] })).toEqual({ colour: 'off', text: 'None' })
    expect(trackerLamp({ hosting: null, joined: [joined({ state: 'trying' })] }).colour).toBe('busy')
    expect(trackerLamp({ hosting: null, joined: [joined({ state: 'failing' })] })).toEqual({ colour: 'bad', text: 'No answer' })
    expect(trackerLamp({ hosting: '0.0.0.0:9876', joined: [joined({}), joined({ own: true })] })).toEqual({ colour: 'good', text: 'Hosting, 1 tracker' })
    expect(trackerLamp({ hosting: '0.0.0.0:9876', joined: [joined({ own: true })] })).toEqual({ colour: 'good', text: 'Hosting' })
    expect(trackerLamp({ hosting: null, joined: [joined({}), joined({ state: 'failing' })] })).toEqual({ colour: 'warn', text: '1 of 2 trackers' })
  })

  it('says why one fails, and whether others can reach us', () => {
    const down = joined({ state: 'failing', error: 'Down. Ask its host.' })
    expect(trackerSentence(down, 0)).toBe('Down. Ask its host. No other tracker answers either: join another one, so that new members are found.')
    expect(trackerSentence(down, 1)).toBe('Down. Ask its host. Another tracker lists you meanwhile: wait, or leave this one if it is gone for good.')
    expect(trackerSentence(down, 2)).toContain('2 other trackers list you meanwhile')
    expect(trackerSentence(joined({ reachable: false }), 1)).toContain('they cannot reach you')
    expect(trackerSentence(joined({ reachable: null }), 1)).toContain('not known yet')
  })
})

describe('history', () => {
  it('has a word for each state, and knows which ones moved money', () => {
    expect(stateWord(entry({ kind: 'received' })).text).toBe('Arriving')
    expect(stateWord(entry({})).text).toBe('Waiting')
    expect(['waiting', 'confirmed', 'ripening'].map((state) => counts(entry({ state: state as HistoryEntry['state'] })))).toEqual([true, true, true])
    expect(['expired', 'replaced', 'cancelled'].map((state) => counts(entry({ state: state as HistoryEntry['state'] })))).toEqual([false, false, false])
  })

  it('tells a journey', () => {
    expect(journeySentence(journey({ peers: 0, seenBy: 0 }))).toContain('No member is connected')
    expect(journeySentence(journey({ ahead: 0 }))).toContain('first in line')
    expect(journeySentence(journey({ ahead: 1 }))).toContain('1 transfer goes before it')
    expect(journeySentence(journey({ entry: entry({ state: 'confirmed', height: 7, confirmations: 2 }) }))).toContain('in cheese #7 with 2 confirmations')
    expect(journeySentence(journey({ entry: entry({ state: 'expired' }) }))).toContain('yours to spend again')
  })
})

import { describe, expect, it } from 'vitest'
import { type AloneFacts, aloneBecause, type DialFailure } from './alone.ts'

const nothing: AloneFacts = { peers: 0, online: true, proxy: null, trackers: [], known: 0, bans: 0, failures: [] }
const because = (facts: Partial<AloneFacts>) => aloneBecause({ ...nothing, ...facts })
const failed = (code: DialFailure['code'], goodbye?: DialFailure['goodbye']): DialFailure => ({
  code,
  message: `what to do about ${code}`,
  ...(goodbye === undefined ? {} : { goodbye }),
})
const silentTracker = { url: 'http://t:9876', state: 'failing', error: 'The tracker at t:9876 does not answer.' } as const
const goodTracker = { url: 'http://t:9876', state: 'joined', error: null } as const

describe('aloneBecause', () => {
  it('says nothing while somebody is connected', () => {
    expect(because({ peers: 1, online: false, trackers: [silentTracker] })).toBeNull()
  })

  it('names the cause that explains the others first: no network, then the proxy', () => {
    const facts = { online: false, proxy: '127.0.0.1:9050', failures: [failed('proxy')], known: 3 }
    expect(because(facts)?.words).toContain('in no network')
    expect(because({ ...facts, online: true })).toEqual({ words: 'The proxy at 127.0.0.1:9050 does not let you through.', repair: 'what to do about proxy' })
  })

  it('tells nobody known from trackers that do not answer and from trackers that know nobody else', () => {
    expect(because({})?.words).toContain('No other member is known yet')
    expect(because({})?.repair).toContain('Join a tracker')
    expect(because({ trackers: [silentTracker] })).toEqual({
      words: 'Your tracker does not answer, and no other member is known.',
      repair: 'The tracker at t:9876 does not answer. Join another tracker, or add a member by its address.',
    })
    expect(because({ trackers: [silentTracker, silentTracker] })?.words).toContain('None of your trackers answers')
    expect(because({ trackers: [{ ...goodTracker, state: 'trying' }] })?.words).toContain('being asked')
    expect(because({ trackers: [silentTracker, goodTracker] })?.words).toContain('No other member is online at your trackers')
  })

  it('says what all those have in common that were dialled in vain', () => {
    const common = (...failures: DialFailure[]) => because({ known: 5, failures })
    expect(common()?.words).toContain('are being dialled')
    expect(because({ known: 1, bans: 1 })).toEqual({
      words: 'Members are being dialled, but none that is banned.',
      repair: 'So far one address is known, and one ban is in force: lift a ban in the list of bans, or add another member by its address.',
    })
    expect(common(failed('banned'), failed('banned'))?.words).toBe('You have banned all 2 members that you know.')
    expect(common(failed('version'), failed('refused', 'version'))?.repair).toContain('latest version')
    expect(common(failed('refused', 'other-network'))?.words).toContain('another network')
    expect(common(failed('refused', 'full'))?.words).toContain('no room')
    expect(common(failed('refused', 'banned'))?.words).toContain('refuse you')
    expect(common(failed('unreachable'))?.words).toContain('no way from here')
    expect(common(failed('timeout'), failed('refused'))?.words).toBe('2 of 5 known addresses were dialled, and nobody answered.')
    expect(because({ known: 5, failures: [failed('timeout'), failed('refused')], trackers: [silentTracker] })?.repair).toContain(
      'Your trackers do not answer either',
    )
    expect(because({ known: 1, failures: [failed('refused')] })?.repair).toBe('what to do about refused')
  })
})

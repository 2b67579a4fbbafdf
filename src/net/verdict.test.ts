import { describe, expect, it } from 'vitest'
import { judge, type VerdictFacts, type Word } from './verdict.ts'

const facts: VerdictFacts = { port: 9875, proxied: false, online: true, checking: false, words: [], cameIn: undefined, obstacle: undefined }
const member = (group: string, answers: boolean, at = 5_000): Word => ({ from: 'member', group, answers, at })
const tracker = (answers: boolean): Word => ({ from: 'tracker', group: 'tracker.example', answers, at: 9_500 })

describe('judge', () => {
  it('knows nothing before anybody has tried, and says so', () => {
    expect(judge(facts)).toMatchObject({ verdict: 'unknown', checkedAt: null, basis: null })
    expect(judge({ ...facts, checking: true })).toMatchObject({ verdict: 'checking' })
  })

  it('takes one that got through for proof', () => {
    expect(judge({ ...facts, words: [tracker(true), member('a', false)] })).toMatchObject({ verdict: 'open', basis: 'tracker', checkedAt: 9, repair: null })
    expect(judge({ ...facts, words: [tracker(false), member('a', true)] })).toMatchObject({ verdict: 'open', basis: 'member' })
    expect(judge({ ...facts, cameIn: 7_000 })).toMatchObject({ verdict: 'open', basis: 'member', checkedAt: 7 })
  })

  it('says “closed” on no single member’s word, and not on that of many in one group', () => {
    expect(judge({ ...facts, words: [member('a', false)] })).toMatchObject({ verdict: 'unknown' })
    expect(judge({ ...facts, words: [member('a', false), member('a', false), member('a', false)] })).toMatchObject({ verdict: 'unknown' })
    expect(judge({ ...facts, words: [member('a', false), member('b', false)] })).toMatchObject({ verdict: 'closed', basis: 'member' })
    expect(judge({ ...facts, words: [tracker(false)] })).toMatchObject({ verdict: 'closed', basis: 'tracker' })
  })

  it('says what to do about a closed port, and what stands in the way first', () => {
    const closed = judge({ ...facts, words: [tracker(false)], obstacle: 'Your router is behind another.' })
    expect(closed.repair).toMatch(/^Your router is behind another\. Forward TCP port 9875 to this computer/)
  })

  it('tells a member that takes none by choice, and a machine in no network, from one that nobody reaches', () => {
    expect(judge({ ...facts, port: undefined, words: [tracker(false)] })).toMatchObject({ verdict: 'outbound-only', repair: null })
    expect(judge({ ...facts, port: undefined, proxied: true }).words).toContain('through the proxy')
    expect(judge({ ...facts, online: false, words: [tracker(true)] })).toMatchObject({ verdict: 'offline' })
  })
})

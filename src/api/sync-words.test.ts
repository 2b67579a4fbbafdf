import { describe, expect, it } from 'vitest'
import type { SyncStatus } from './schemas.ts'
import { syncWords } from './sync-words.ts'
import { idleStatus } from './testing/fake-service.ts'

const sync = (part: Partial<SyncStatus>): SyncStatus => ({ ...idleStatus.sync, ...part })
const server = (nickname: string, memberId = 'ab'.repeat(32)) => ({ memberId, nickname, cheeses: 3, bytesPerSecond: 1000 })

describe('the words of a sync', () => {
  it('are none when there is nothing to catch up', () => {
    expect(syncWords(sync({ stage: 'synced' }))).toBeUndefined()
    expect(syncWords(sync({ stage: 'alone' }))).toBeUndefined()
  })

  it('name headers, and what their server claims', () => {
    const words = syncWords(
      sync({ stage: 'headers', progress: 0.01, height: 5, bestHeight: 12_000, claimedHeight: 40_000, headersPerSecond: 2312.4, servers: [server('Alice')] }),
    )
    expect(words).toEqual({
      step: '2 of 3',
      stage: 'Headers 12,000 of 40,000',
      rate: '2,312 headers/s',
      left: 'time left —',
      servers: 'from Alice',
      setback: undefined,
    })
  })

  it('name cheeses, rates, time left and servers, and why the bar went back', () => {
    const words = syncWords(
      sync({
        stage: 'bodies',
        progress: 0.2,
        height: 8_120,
        bestHeight: 40_000,
        cheesesPerSecond: 44.7,
        transfersPerSecond: 9_010,
        bytesPerSecond: 1_290_000,
        secondsLeft: 720,
        setback: 'longer',
        servers: [server('Alice'), server(''), server('Carol'), server('Dave')],
      }),
    )
    expect(words).toEqual({
      step: '3 of 3',
      stage: 'Cheeses 8,120 of 40,000',
      rate: '45 cheeses/s · 9,010 transfers/s · 1.3 MB/s',
      left: 'about 12 minutes left',
      servers: 'from Alice, member abababab and 2 more',
      setback: 'The stack is longer than was known.',
    })
  })

  it('admit what is not known', () => {
    const words = syncWords(sync({ stage: 'bodies', progress: 0, bestHeight: 70 }))
    expect(words).toMatchObject({ rate: '—', left: 'time left —', servers: 'nobody serves now' })
    expect(syncWords(sync({ stage: 'alone', progress: 0.1, height: 7, bestHeight: 70 }))).toMatchObject({
      step: '1 of 3',
      stage: 'Waiting for a member: cheeses 7 of 70',
    })
  })
})

import { describe, expect, it } from 'vitest'
import { Failure, type FailureCode } from '../api/errors.ts'
import { idleStatus } from '../api/testing/fake-service.ts'
import { switchMining } from './mining-switch.ts'

async function press(on: boolean, failure?: FailureCode): Promise<string[]> {
  const done: string[] = []
  await switchMining(on, {
    set: async (change) => {
      done.push(`set ${JSON.stringify(change)}`)
      if (failure) throw new Failure(failure, 'why')
      return { ...idleStatus.mining, on }
    },
    ask: () => void done.push('ask'),
    tell: (message, detail) => void done.push(`${message} ${detail}`),
    show: (shown) => void done.push(`show ${shown}`),
  })
  return done
}

describe('mining from the menu', () => {
  it('is switched, and never agreed to there', async () => {
    expect(await press(true)).toEqual(['set {"on":true}', 'show true'])
    expect(await press(false)).toEqual(['set {"on":false}', 'show false'])
  })

  it('leads to the question where nobody has agreed yet, and stays off', async () => {
    expect(await press(true, 'CONSENT_NEEDED')).toEqual(['set {"on":true}', 'show false', 'ask'])
  })

  it('says what else went wrong', async () => {
    expect(await press(true, 'WALLET_MISSING')).toEqual(['set {"on":true}', 'show false', 'Mining did not start. why'])
  })
})

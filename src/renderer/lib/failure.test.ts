import { ORPCError } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { codeOf, sentence } from './failure.ts'

describe('failures', () => {
  it("are said in the member's own words", () => {
    const error = new ORPCError('INSUFFICIENT_FUNDS', { message: 'You have 3 cheese. Send less.' })
    expect(sentence(error)).toBe('You have 3 cheese. Send less.')
    expect(codeOf(error)).toBe('INSUFFICIENT_FUNDS')
  })

  it('that come from the carrier get a sentence of ours', () => {
    expect(sentence(new ORPCError('BAD_REQUEST', { message: 'Input validation failed' }))).not.toContain('validation')
    expect(sentence(new Error('WebSocket is not open'))).toMatch(/^The member did not answer/)
    expect(codeOf(new Error('x'))).toBeUndefined()
  })
})

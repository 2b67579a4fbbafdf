import { describe, expect, it } from 'vitest'
import { portError } from './port.ts'

describe('ports', () => {
  it.each(['0', '9876', ' 80 ', '65535'])('takes %j', (text) => {
    expect(portError(text)).toBeUndefined()
  })

  it.each(['', '65536', '-1', '80.5', 'http', '0x50', '999999'])('refuses %j', (text) => {
    expect(portError(text)).toMatch(/whole number/)
  })
})

import { describe, expect, it } from 'vitest'
import { guessBits, strengthOf } from './passphrase.ts'

describe('passphrase strength', () => {
  it.each([
    ['', 0],
    ['cheese', 1],
    ['password123', 1],
    ['aaaaaaaaaaaaaaaaaaaa', 1],
    ['abcdefghijklmnop', 1],
    ['12345678901234567890', 1],
    ['k7#Qm', 1],
    ['lantern oyster gravel', 2],
    ['lantern oyster gravel pylon', 3],
    ['lantern oyster gravel pylon ember', 4],
    ['tR8$kq!zW3@mPv9x', 4],
  ])('%j has level %i', (passphrase, level) => {
    expect(strengthOf(passphrase).level).toBe(level)
  })

  it('gives nothing for saying a word again', () => {
    expect(guessBits('oyster oyster oyster oyster')).toBeLessThan(guessBits('oyster gravel pylon ember'))
  })
})

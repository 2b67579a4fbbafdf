import { describe, expect, it } from 'vitest'
import { checkNickname, lookalike } from './nickname.ts'

const value = (text: string) => {
  const result = checkNickname(text)
  return result.ok ? result.value : undefined
}

describe('a nickname', () => {
  it('is trimmed, composed and kept', () => {
    expect(value('  Alice  ')).toBe('Alice')
    expect(value('Zoe\u0308')).toBe('Zoë')
    expect(value('Big\u00a0  Cheese')).toBe('Big Cheese')
    expect(value('莉莉 🧀')).toBe('莉莉 🧀')
    expect(value('𝒜'.repeat(32))).toBe('𝒜'.repeat(32))
  })

  it.each([
    ['nothing', ''],
    ['spaces alone', '   '],
    ['too many characters', 'a'.repeat(33)],
    ['a very long text', 'a'.repeat(100_000)],
    ['a line break', 'a\nb'],
    ['a null', 'a\0'],
    ['an escape', '\u001b[31mred'],
    ['a bidi override', 'a\u202eb'],
    ['a zero-width joiner', 'a\u200db'],
    ['a filler that is drawn as nothing', '\u3164'],
    ['a blank Braille cell', 'a\u2800'],
    ['a lone surrogate', 'a\ud800'],
    ['a private character', '\ue000'],
    ['an accent with nothing below it', '\u0301a'],
    ['a pile of accents', `a${'\u0336\u0337\u0338\u0334'}`],
  ])('is refused: %s', (_what, text) => {
    const result = checkNickname(text)
    expect(result.ok).toBe(false)
    expect(!result.ok && result.error).toMatch(/^[A-Z].*: .*\.$/)
  })
})

describe('look-alikes', () => {
  it.each([
    ['Alice', 'alice'],
    ['Alice', 'AIice'],
    ['Alice', 'A1ice'],
    ['Alice', 'Аliсе'],
    ['Bob', 'B0b'],
    ['Bob', 'Воb'],
    ['Martin', 'rnartin'],
    ['Zoë', 'Zoe'],
    ['Big Cheese', 'BigCheese'],
    ['Big-Cheese', 'Big Cheese'],
    ['Nikos', 'Νικοs'],
    ['𝐀𝐥𝐢𝐜𝐞', 'Alice'],
    ['Alice', 'Alice'],
  ])('%s is taken for %s', (a, b) => expect(lookalike(a, b)).toBe(true))

  it.each([
    ['Alice', 'Bob'],
    ['Anna', 'Hanna'],
    ['Member 3', 'Member 4'],
    ['...', '!!!'],
    ['莉莉', '花花'],
  ])('%s is not taken for %s', (a, b) => expect(lookalike(a, b)).toBe(false))
})

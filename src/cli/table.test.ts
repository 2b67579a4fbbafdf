import { describe, expect, it } from 'vitest'
import { bytes, cheese, listing, rate, short, table } from './table.ts'

describe('tables', () => {
  it('line up, numbers to the right, wide characters counted as they are shown', () => {
    const text = table(
      [{ title: 'Name' }, { title: 'Height', align: 'right' }],
      [
        ['Ana', '7'],
        ['乳酪', '1200'],
      ],
      'None.',
      false,
    )
    expect(text).toBe('Name  Height\nAna        7\n乳酪    1200\n')
  })

  it('say what is the matter when they are empty', () => {
    expect(table([{ title: 'Name' }], [], 'None.', false)).toBe('None.\n')
  })

  it('show what a terminal would obey instead of passing it on', () => {
    const text = table([{ title: 'Name' }], [['\u001b[31mred\u202e\n']], '', false)
    expect(text).toBe('Name\n\ufffd[31mred\ufffd\ufffd\n')
    expect(listing([['Memo', '\u0007']], false)).toBe('Memo  \ufffd\n')
  })

  it('leave out what has no value', () => {
    expect(
      listing(
        [
          ['A', '1'],
          ['Longer', null],
          ['B', undefined],
          ['C', ''],
        ],
        false,
      ),
    ).toBe('A  1\n')
  })
})

describe('numbers for people', () => {
  it.each([
    [cheese('150000000'), '1.5'],
    [bytes(999), '999 B'],
    [bytes(1500), '1.5 kB'],
    [bytes(12_000_000), '12.0 MB'],
    [rate(0), '0 H/s'],
    [rate(950), '950 H/s'],
    [rate(6_500_000), '6.5 MH/s'],
    [short('ab'.repeat(32)), 'abababababababab…'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected)
  })
})

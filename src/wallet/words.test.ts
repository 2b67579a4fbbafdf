import { describe, expect, it } from 'vitest'
import { formatAddress } from '../consensus/address.ts'
import { params } from '../consensus/params.ts'
import { publicKeyOf } from '../consensus/signature.ts'
import { toHex } from '../util/bytes.ts'
import { deriveKeys } from './keys.ts'
import { SeededRandom } from './testing/fake-host.ts'
import { WORDS } from './testing/rig.ts'
import { drawWords, parseWords, pickThree, seedOf } from './words.ts'

function problem(text: string): string {
  const parsed = parseWords(text)
  return parsed.ok ? 'none' : parsed.error
}

describe('words', () => {
  it('draws twelve that are taken back', () => {
    for (let seed = 0; seed < 50; seed++) {
      const words = drawWords(new SeededRandom(seed))
      expect(words).toHaveLength(12)
      expect(parseWords(words.join(' '))).toEqual({ ok: true, value: words })
    }
  })

  // BIP 39's reference vectors (trezor/python-mnemonic): entropies of all zeros.
  it.each([
    [`${'abandon '.repeat(11)}about`, 12],
    [`${'abandon '.repeat(14)}address`, 15],
    [`${'abandon '.repeat(17)}agent`, 18],
    [`${'abandon '.repeat(20)}admit`, 21],
    [`${'abandon '.repeat(23)}art`, 24],
  ])('takes %s', (text, count) => {
    const parsed = parseWords(text)
    expect(parsed.ok && parsed.value.length).toBe(count)
  })

  it('forgives case, white space, commas and numbering', () => {
    const text = WORDS.split(' ')
      .map((word, i) => `${i + 1}. ${word.toUpperCase()}`)
      .join(',\n\t')
    expect(parseWords(text)).toEqual({ ok: true, value: WORDS.split(' ') })
  })

  it('names unknown words and what may have been meant', () => {
    expect(problem(WORDS.replace('about', 'abuot'))).toBe(
      'One word is not in the list that wallets use: word 12, "abuot" (did you mean "about"?). Check its spelling.',
    )
    expect(problem(`zzzz ${WORDS.slice(8).replace('about', 'abou')}`)).toBe(
      '2 words are not in the list that wallets use: word 1, "zzzz"; word 12, "abou" (did you mean "about"?). Check their spelling.',
    )
  })

  it('tells the count and the checksum apart', () => {
    expect(problem('abandon '.repeat(11))).toContain('there are 11')
    expect(problem('abandon')).toContain('there is 1.')
    expect(problem('')).toContain('There are no words')
    expect(problem('abandon '.repeat(12))).toContain('checksum does not fit')
  })

  it('asks for three different words, in order, any of them', () => {
    const seen = new Set<number>()
    for (let seed = 0; seed < 200; seed++) {
      const asked = pickThree(12, new SeededRandom(seed))
      expect(new Set(asked).size).toBe(3)
      expect([...asked].sort((a, b) => a - b)).toEqual(asked)
      for (const number of asked) seen.add(number)
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  })
})

describe('keys', () => {
  it('makes the seed that BIP 39 says', async () => {
    // The well-known seed of these words with an empty passphrase (iancoleman.io/bip39, Ian Coleman's tool).
    expect(toHex(await seedOf(WORDS.split(' ')))).toBe(
      '5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4',
    )
  })

  it('derives the key that other BIP 44 wallets derive', async () => {
    // m/44'/0'/0'/0/0 of these words is Bitcoin's 1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA, public key 03aaeb52….
    const keys = await deriveKeys(WORDS.split(' '), { ...params('main'), coinType: 0 })
    expect(toHex(keys.publicKey)).toBe('aaeb52dd7494c361049de67cc680e83ebcbbbdbeb13637d92cd845f70308af5e')
  })

  it('has one address a network, always the same', async () => {
    const addresses = []
    for (const network of ['main', 'test', 'regtest'] as const) {
      const keys = await deriveKeys(WORDS.split(' '), params(network))
      expect(publicKeyOf(keys.secretKey)).toEqual(keys.publicKey)
      addresses.push(formatAddress(keys.address, params(network)))
    }
    // Recorded from this code: they must never change, since people's cheese lies there.
    expect(addresses).toMatchInlineSnapshot(`
      [
        "cheese1q3qe59clxruxs7dltytjlzwkckneh25mngncnun",
        "tcheese1q3wefj4r9v5z0tuswlnl9ya24eertx45f0ef37s",
        "rcheese1q3wefj4r9v5z0tuswlnl9ya24eertx45f5y3p2q",
      ]
    `)
  })
})

import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedWebcrypto } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import type { Random } from '../util/ports.ts'
import type { Result } from '../util/result.ts'
import { err, ok } from '../util/result.ts'

/** BIP 39: the words a wallet is made of. Twelve are drawn; every length of the standard is taken back. */

const LENGTHS: readonly number[] = [12, 15, 18, 21, 24]
const KNOWN: ReadonlySet<string> = new Set(wordlist)

/** Twelve new words, from 16 random bytes. */
export function drawWords(random: Random): readonly string[] {
  const entropy = random.bytes(16)
  const words = entropyToMnemonic(entropy, wordlist).split(' ')
  entropy.fill(0)
  return words
}

/**
 * The words in what a person typed or pasted: any case, any white space, commas and numbering are fine.
 * The error is a sentence that names the unknown words, or the count, or the checksum, and says what to do.
 */
export function parseWords(text: string): Result<readonly string[], string> {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .split(/[\s,;]+/)
    .map((word) => word.replace(/^[0-9]+[.):]?/, ''))
    .filter((word) => word !== '')
  if (words.length === 0) return err('There are no words: write the twelve words of the wallet, with spaces between them.')
  const unknown = words.map((word, i) => ({ word, number: i + 1 })).filter(({ word }) => !KNOWN.has(word))
  if (unknown.length > 0) {
    const named = unknown.slice(0, 6).map(({ word, number }) => `word ${number}, "${word.slice(0, 24)}"${hint(word)}`)
    if (unknown.length > named.length) named.push(`${unknown.length - named.length} more`)
    return err(
      unknown.length === 1
        ? `One word is not in the list that wallets use: ${named[0]}. Check its spelling.`
        : `${unknown.length} words are not in the list that wallets use: ${named.join('; ')}. Check their spelling.`,
    )
  }
  if (!LENGTHS.includes(words.length)) {
    return err(
      `A wallet has 12 words (or 15, 18, 21 or 24); there ${words.length === 1 ? 'is' : 'are'} ${words.length}. Check that none is missing or written twice.`,
    )
  }
  try {
    mnemonicToEntropy(words.join(' '), wordlist).fill(0)
  } catch {
    return err(
      'Every word is in the list, but together their checksum does not fit: one word is wrong or two are swapped. Compare each with what you wrote down.',
    )
  }
  return ok(words)
}

/** The 64-byte BIP 39 seed of valid `words`, with the empty passphrase. The caller wipes it. */
export async function seedOf(words: readonly string[]): Promise<Uint8Array> {
  return mnemonicToSeedWebcrypto(words.join(' '))
}

/** Three different word numbers, from 1, in order: what a person is asked for, to show that the words are written down. */
export function pickThree(count: number, random: Random): readonly number[] {
  const left = Array.from({ length: count }, (_, i) => i + 1)
  const picked: number[] = []
  for (let i = 0; i < 3; i++) {
    const [high = 0, low = 0] = random.bytes(2)
    picked.push(...left.splice((high * 256 + low) % left.length, 1))
  }
  return picked.sort((a, b) => a - b)
}

/** ` (did you mean …?)` for a word of the list that begins alike or differs by one letter, else nothing. */
function hint(word: string): string {
  const close =
    wordlist.find((known) => oneEdit(word, known)) ?? (word.length >= 4 ? wordlist.find((known) => known.slice(0, 4) === word.slice(0, 4)) : undefined)
  return close === undefined ? '' : ` (did you mean "${close}"?)`
}

/** Whether one letter changed, put in, left out, or swapped with its neighbour makes `b` of `a`. */
function oneEdit(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  const restA = a.slice(start)
  const restB = b.slice(start)
  if (restA.length === restB.length) {
    return restA.slice(1) === restB.slice(1) || (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  }
  return restA.length > restB.length ? restA.slice(1) === restB : restA === restB.slice(1)
}

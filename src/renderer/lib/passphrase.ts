/** An honest guess at how long a passphrase lasts against somebody who has the vault file and tries a million a day per computer. */
export interface Strength {
  /** 0 (nothing) to 4 (strong), for the meter. */
  readonly level: 0 | 1 | 2 | 3 | 4
  readonly text: string
}

const COMMON = [
  'password',
  'passphrase',
  'passwort',
  'letmein',
  'welcome',
  'qwerty',
  'azerty',
  'iloveyou',
  'admin',
  'cheese',
  'bitcoin',
  'dragon',
  'monkey',
  'sunshine',
  'princess',
  'football',
  'secret',
  'master',
]

/** How many bits a guesser needs, roughly: characters or words, whichever is less, with repeats, runs and famous words counted as nothing much. */
export function guessBits(passphrase: string): number {
  let text = passphrase.toLowerCase()
  for (const word of COMMON) text = text.replaceAll(word, '\u0000')
  const plain = passphrase.length === text.length ? passphrase : text
  let effective = 0
  let previous = -10
  for (const char of plain) {
    const code = char.codePointAt(0) ?? 0
    effective += Math.abs(code - previous) <= 1 ? 0.25 : 1
    previous = code
  }
  const distinct = new Set(plain).size
  const pool = (/[a-z]/.test(plain) ? 26 : 0) + (/[A-Z]/.test(plain) ? 26 : 0) + (/\d/.test(plain) ? 10 : 0) + (/[^a-zA-Z0-9]/.test(plain) ? 16 : 0)
  const byCharacters = Math.min(effective, distinct * 2) * Math.log2(Math.max(pool, 2)) * 0.7
  const words = passphrase
    .trim()
    .split(/[\s\-_.,]+/)
    .filter((word) => word.length > 2)
  const byWords = words.length >= 3 ? new Set(words).size * 11 : Number.POSITIVE_INFINITY
  return Math.min(byCharacters, byWords)
}

/** The wallet refuses what is shorter. */
const LEAST_CHARACTERS = 8

/** What `guessBits` means, in words that promise nothing. */
export function strengthOf(passphrase: string): Strength {
  if (passphrase === '') return { level: 0, text: 'Four or more words that do not belong together are easy to keep and hard to guess.' }
  if ([...passphrase].length < LEAST_CHARACTERS) return { level: 1, text: `Too short: it needs at least ${LEAST_CHARACTERS} characters.` }
  const bits = guessBits(passphrase)
  if (bits < 24) return { level: 1, text: 'Weak: whoever copies the wallet file guesses this in hours.' }
  if (bits < 36) return { level: 2, text: 'Fair: holds off a curious person, not a patient one.' }
  if (bits < 48) return { level: 3, text: 'Good: guessing this takes many computers and years.' }
  return { level: 4, text: 'Strong: nobody guesses this, as long as you use it here alone.' }
}

import { err, ok, type Result } from './result.ts'

/** Most characters (code points) of a nickname. */
export const MAX_NICKNAME = 32
/** Most bytes of a nickname in UTF-8. */
export const MAX_NICKNAME_BYTES = 4 * MAX_NICKNAME

/** Control, format (bidi marks, joiners), surrogate and private characters, line breaks, odd spaces, and what is drawn as nothing. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u

/**
 * The nickname that `text` stands for: NFC, trimmed, runs of spaces as one. The error is a sentence for the person who typed it.
 * A nickname has 1–32 visible characters; one received from elsewhere must come out unchanged.
 */
export function checkNickname(text: string): Result<string, string> {
  if (text.length > 1000) return err(tooLong())
  // Odd spaces that keyboards make become plain ones; everything else that is not visible is refused, not dropped.
  const name = text
    .normalize('NFC')
    .replace(/[\p{Zs}\t]+/gu, ' ')
    .trim()
  if (name === '') return err('A nickname needs at least one visible character: type one.')
  if ([...name].length > MAX_NICKNAME) return err(tooLong())
  if (FORBIDDEN.test(name)) return err('This nickname holds a character that cannot be seen: type it anew with plain letters, digits and signs.')
  if (/^\p{M}/u.test(name) || /\p{M}{4}/u.test(name)) return err('This nickname piles accents on one another: leave some of them out.')
  return ok(name)
}

function tooLong(): string {
  return `A nickname has at most ${MAX_NICKNAME} characters: choose a shorter one.`
}

/** Each group is a Latin letter and then its doubles, lower-cased: some are doubles in upper case only (Cyrillic В, Greek Η). */
const DOUBLES = [
  'aаαɑ@ª4',
  'bЬьв฿βƅ6',
  'cсϲƈ¢ᴄ',
  'dԁɗđ',
  'eеєҽε3ɛ℮',
  'fƒϝſ',
  'gɡԍց9',
  'hнһհηʜ',
  'jјϳʝ',
  'kкκқĸ',
  'lіїıιɩɪӏ1i|!ⅼј׀ł',
  'mмμϻ',
  'nпոռŋ',
  'oоοσօ0ө๏ø○',
  'pрρþ',
  'qԛգ',
  'rгяɾᴦ',
  'sѕʂ5$ꜱ',
  'tтτ7+ŧᴛ',
  'uυսцʋᴜ',
  'vνѵᴠ',
  'wԝωшщɯᴡ',
  'xхχ×',
  'yуүγʏ',
  'zᴢʐ2',
] as const

const PROTOTYPE = new Map<string, string>()
for (const group of DOUBLES) {
  const [latin, ...doubles] = [...group] as [string, ...string[]]
  for (const double of doubles) if (!PROTOTYPE.has(double)) PROTOTYPE.set(double, latin)
}

/** Greek capitals whose small letters are doubles of another letter, or of none. */
const CAPITALS: Readonly<Record<string, string>> = { Ν: 'n', Υ: 'y', Ζ: 'z' }

/** What is left of a name when everything that eyes pass over is taken away: the idea of Unicode TR 39, coarser on purpose. */
export function skeleton(name: string): string {
  const plain = name.normalize('NFKD').replace(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
  const lower = plain.replace(/[ΝΥΖ]/g, (capital) => CAPITALS[capital] ?? capital).toLowerCase()
  let out = ''
  for (const character of lower.normalize('NFKD').replace(/\p{M}/gu, '')) out += PROTOTYPE.get(character) ?? character
  out = out.replace(/rn/g, 'm').replace(/vv/g, 'w').replace(/cl/g, 'd')
  const letters = out.replace(/[\s\p{P}\p{Zs}]+/gu, '')
  return letters === '' ? out : letters
}

/** Whether a person could take one name for the other. True of equal names too. */
export function lookalike(a: string, b: string): boolean {
  return skeleton(a) === skeleton(b)
}

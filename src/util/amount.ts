import { err, ok, type Result } from './result.ts'

/** Amounts as people write them: decimal cheese with up to eight decimals. */

export const CRUMBS_PER_CHEESE = 100_000_000n

/** `crumbs` as decimal cheese, without needless zeros: 150000000n → `1.5`, -1n → `-0.00000001`. No grouping. */
export function formatCheese(crumbs: bigint): string {
  const sign = crumbs < 0n ? '-' : ''
  const positive = crumbs < 0n ? -crumbs : crumbs
  const fraction = (positive % CRUMBS_PER_CHEESE).toString().padStart(8, '0').replace(/0+$/, '')
  return `${sign}${positive / CRUMBS_PER_CHEESE}${fraction ? `.${fraction}` : ''}`
}

/** The crumbs that `text` (`12`, `0.5`, `.5`; white space around it is fine) means; the error is a sentence for people. Never negative, below 2^64. */
export function parseCheese(text: string): Result<bigint, string> {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text.trim())
  const [whole, fraction] = [match?.[1] ?? '', match?.[2] ?? '']
  if (/^[\d.,]*,[\d.,]*$/.test(text.trim())) return err('Leave commas out, and write decimals after a point, such as 12.5.')
  if (!match || (whole === '' && fraction === '')) return err('An amount is a number of cheese, such as 12 or 0.5.')
  if (fraction.length > 8) return err('Cheese has at most eight decimals: the smallest amount is 0.00000001 (one crumb).')
  if (whole.length > 12) return err('That is more cheese than there can ever be.')
  const crumbs = BigInt(whole || '0') * CRUMBS_PER_CHEESE + BigInt(fraction.padEnd(8, '0'))
  if (crumbs >= 1n << 64n) return err('That is more cheese than there can ever be.')
  return ok(crumbs)
}

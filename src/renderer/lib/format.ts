import { formatCheese } from '../../util/amount.ts'

/** Numbers and times as people read them. Each text carries its unit. */

const integer = new Intl.NumberFormat('en-US')

/** `12345` → `12,345`. */
export function count(value: number): string {
  return integer.format(value)
}

/** `1 cheese`, `2 cheeses`: a count with its noun. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** Tries per second: `6.52 MH/s`. */
export function hashRate(perSecond: number): string {
  const units = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s']
  let value = perSecond
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)} ${units[unit]}`
}

/** Bytes: `1.4 MB` (powers of 1000). */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let rest = value
  let unit = 0
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000
    unit++
  }
  return `${unit === 0 ? rest : rest.toFixed(rest >= 100 ? 0 : 1)} ${units[unit]}`
}

/** A length of time in its largest fitting unit: `40 seconds`, `3 minutes`, `5 hours`, `2 days`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  if (s < 90) return counted(s, 'second')
  if (s < 90 * 60) return counted(Math.round(s / 60), 'minute')
  if (s < 36 * 3600) return counted(Math.round(s / 3600), 'hour')
  if (s < 730 * 86400) return counted(Math.round(s / 86400), 'day')
  return counted(Math.round(s / 31557600), 'year')
}

/** How long ago `time` (Unix seconds) was, seen from `now` (Unix seconds). */
export function ago(time: number, now: number): string {
  const passed = now - time
  // Pages look at the clock now and then, and a cheese may carry the time of a clock that is ahead.
  if (passed < -60) return `in ${duration(-passed)}`
  return passed < 5 ? 'just now' : `${duration(passed)} ago`
}

const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })

/** Date and time of `time` (Unix seconds), in the person's own time zone. */
export function when(time: number): string {
  return dateTime.format(new Date(time * 1000))
}

/** `text` in groups of four, as people read addresses to each other. */
export function fours(text: string): string[] {
  return text.match(/.{1,4}/gu) ?? []
}

/** The start and end of a long hex or address: `cheese1qxy…8f3k`. */
export function short(text: string, head = 10, tail = 6): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`
}

export interface AmountParts {
  readonly sign: string
  /** Digits before the point, in groups of three. */
  readonly whole: readonly string[]
  /** Digits after the point, in groups of four: two, four or eight digits. */
  readonly fraction: readonly string[]
}

/** `crumbs` (digits, perhaps with a minus) taken apart for display as cheese. */
export function amountParts(crumbs: string): AmountParts {
  const [whole = '0', fraction = ''] = formatCheese(BigInt(crumbs)).replace('-', '').split('.')
  return {
    sign: crumbs.startsWith('-') ? '−' : '',
    whole: whole.match(/\d{1,3}(?=(\d{3})*$)/g) ?? [whole],
    fraction: fours(fraction.padEnd(fraction.length > 4 ? 8 : fraction.length > 2 ? 4 : 2, '0')),
  }
}

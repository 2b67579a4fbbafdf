import { InvalidArgumentError } from 'commander'
import { MAX_CACHE_MB, MIN_CACHE_MB } from '../member/options.ts'
import { parseProxy } from '../member/proxy.ts'
import { parseCheese } from '../util/amount.ts'
import { parseHostPort } from '../util/ip.ts'

/** Readers of arguments and options; what they refuse is bad usage (exit code 2). */

function wholeNumber(text: string, least: number, most: number, what: string): number {
  const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw new InvalidArgumentError(`It must be ${what}.`)
  return value
}

/** Decimal cheese as a string of crumbs. */
export function amountArgument(text: string): string {
  const crumbs = parseCheese(text)
  if (!crumbs.ok) throw new InvalidArgumentError(crumbs.error)
  return crumbs.value.toString()
}

export function heightArgument(text: string): number {
  return wholeNumber(text, 0, 0xffffffff, 'a height: a whole number from 0')
}

export function threadsArgument(text: string): number {
  return wholeNumber(text, 1, 256, 'a number of threads from 1 to 256')
}

export function countArgument(text: string): number {
  return wholeNumber(text, 1, 10_000, 'a whole number from 1 to 10000')
}

/** How many members a tracker lists. */
export function entriesArgument(text: string): number {
  return wholeNumber(text, 1, 1_000_000, 'a whole number from 1 to 1000000')
}

/** `MIN-MAX` or one number: whole seconds. */
export function intervalArgument(text: string): { readonly min: number; readonly max: number } {
  const match = /^([0-9]{1,4})(?:-([0-9]{1,4}))?$/.exec(text)
  const min = Number(match?.[1])
  const max = Number(match?.[2] ?? match?.[1])
  if (!match || min < 1 || max < min || max > 3600) throw new InvalidArgumentError('Write it as MIN-MAX, whole seconds from 1 to 3600, for example 30-60.')
  return { min, max }
}

export function percentArgument(text: string): number {
  return wholeNumber(text, 1, 100, 'a percentage from 1 to 100')
}

export function minutesArgument(text: string): number {
  return wholeNumber(text, 1, 1440, 'a number of minutes from 1 to 1440')
}

/** Hours of a ban, also with decimals. */
export function hoursArgument(text: string): number {
  const value = /^[0-9]{1,5}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : Number.NaN
  if (!(value > 0 && value <= 87_600)) throw new InvalidArgumentError('It must be a number of hours above 0, at most 87600 (ten years).')
  return value
}

export function megabytesArgument(text: string): number {
  return wholeNumber(text, MIN_CACHE_MB, MAX_CACHE_MB, `a number of megabytes from ${MIN_CACHE_MB} to ${MAX_CACHE_MB}`)
}

/** Seconds, also with decimals. */
export function secondsArgument(text: string): number {
  const value = /^[0-9]{1,9}(\.[0-9]{1,6})?$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= 0)) throw new InvalidArgumentError('It must be a number of seconds from 0.')
  return value
}

/** `HOST:PORT`, as it was written. */
export function endpointArgument(text: string): string {
  const parsed = parseHostPort(text)
  if (!parsed.ok) throw new InvalidArgumentError(parsed.error)
  return text.trim()
}

/** `socks5://HOST:PORT`, as it was written. */
export function proxyArgument(text: string): string {
  const parsed = parseProxy(text)
  if (!parsed.ok) throw new InvalidArgumentError(parsed.error)
  return text.trim()
}

/** Adds up an option that may be given several times. */
export function several(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text]
}

export function onOffArgument(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('Say on or off.')
  return text === 'on'
}

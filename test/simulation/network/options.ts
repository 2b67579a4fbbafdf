import { err, ok, type Result } from '../../../src/util/result.ts'

/** What a person asked of `npm run simulate`. */
export interface Options {
  readonly members: number
  readonly seed: number
  readonly hours: number | undefined
  readonly scenario: string
  /** Where pages and charts go. */
  readonly out: string
  /** Scenarios that run at once, each in a process of its own. */
  readonly jobs: number
  /** Where the outcome of one scenario goes as JSON, instead of pages. */
  readonly json: string | undefined
}

const NUMBERS = { members: [8, 1_000], seed: [0, 2 ** 32 - 1], hours: [0.01, 1_000], jobs: [1, 64] } as const

/** Reads `key=value`s; the error is a sentence. */
export function readOptions(words: readonly string[], defaults: Options): Result<Options, string> {
  const given: Record<string, string | number> = {}
  for (const word of words) {
    const [key = '', value = ''] = word.split(/=(.*)/s)
    if (key in NUMBERS) {
      const [least, most] = NUMBERS[key as keyof typeof NUMBERS]
      const number = Number(value)
      const whole = key === 'hours' || Number.isInteger(number)
      if (value === '' || !whole || !(number >= least && number <= most))
        return err(`${key} is a number from ${least} to ${most}: ${key}=${least}, for example.`)
      given[key] = number
    } else if ((key === 'scenario' || key === 'out' || key === 'json') && value !== '') given[key] = value
    else return err(`"${word}" is not understood: say npm run simulate -- help.`)
  }
  return ok({ ...defaults, ...given })
}

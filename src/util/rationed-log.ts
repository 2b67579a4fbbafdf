import { TokenBucket } from './bucket.ts'
import type { Clock, Logger } from './ports.ts'

/** Lines at once, and a second from then on: a day of it is some ten megabytes. */
const RATION = { burst: 200, perSecond: 1 } as const

type Write = (message: string, details?: Readonly<Record<string, unknown>>) => void

/**
 * A logger for what strangers cause: who connects and leaves all day must not fill the disk. Lines above the ration are
 * left out, and how many is told with the next one. What is grave (warnings, errors) has a ration of its own.
 */
export function rationed(log: Logger, clock: Clock): Logger {
  const usual = new Ration(clock)
  const grave = new Ration(clock)
  const wrap = (inner: Logger): Logger => ({
    debug: usual.of((...line) => inner.debug(...line)),
    info: usual.of((...line) => inner.info(...line)),
    warn: grave.of((...line) => inner.warn(...line)),
    error: grave.of((...line) => inner.error(...line)),
    child: (scope) => wrap(inner.child(scope)),
  })
  return wrap(log)
}

class Ration {
  readonly #bucket: TokenBucket
  #leftOut = 0

  constructor(clock: Clock) {
    this.#bucket = new TokenBucket(clock, RATION.burst, RATION.perSecond)
  }

  of(write: Write): Write {
    return (message, details) => {
      if (!this.#bucket.take()) {
        this.#leftOut++
        return
      }
      const leftOut = this.#leftOut
      this.#leftOut = 0
      write(message, leftOut === 0 ? details : { ...details, linesLeftOutBefore: leftOut })
    }
  }
}

import type { Logger } from '../util/ports.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 }

/** Control characters would let a peer's text draw over the terminal or forge lines. */
function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function show(value: unknown): string {
  if (value instanceof Error) return plain(value.stack ?? value.message)
  if (typeof value === 'string') return plain(/^[^\s="]+$/.test(value) ? value : JSON.stringify(value))
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner))
  return plain(text ?? String(value))
}

/**
 * One line a message: time, level, scope, message, `name=value` details.
 * @param write where lines go; the process's stderr by default, so that stdout stays for answers
 */
export function consoleLogger(level: LogLevel, write: (line: string) => void = (line) => void process.stderr.write(line)): Logger {
  const make = (scope: string): Logger => {
    const at = (name: Exclude<LogLevel, 'silent'>) => (message: string, details?: Readonly<Record<string, unknown>>) => {
      if (RANK[name] < RANK[level]) return
      const tail = Object.entries(details ?? {})
        .map(([key, value]) => ` ${key}=${show(value)}`)
        .join('')
      write(`${new Date().toISOString()} ${name.padEnd(5)} ${scope === '' ? '' : `${scope}: `}${plain(message)}${tail}\n`)
    }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (name) => make(scope === '' ? name : `${scope}/${name}`),
    }
  }
  return make('')
}

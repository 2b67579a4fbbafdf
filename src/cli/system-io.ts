import { createInterface } from 'node:readline'
import type { Io } from './io.ts'

/** Reads one line from the terminal without showing it. Ctrl-C ends the process as it would anywhere else. */
function readSecret(question: string): Promise<string> {
  const { stdin, stderr } = process
  // First the terminal stops showing what is typed: whoever is quick, or pastes, is not shown either.
  stdin.setRawMode(true)
  stderr.write(question)
  stdin.resume()
  stdin.setEncoding('utf8')
  return new Promise((resolve) => {
    let text = ''
    const finish = () => {
      stdin.off('data', onData)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
    }
    const onData = (chunk: string) => {
      for (const character of chunk) {
        if (character === '\u0003') {
          finish()
          process.exit(130)
        }
        if (character === '\r' || character === '\n' || character === '\u0004') {
          finish()
          return resolve(text)
        }
        if (character === '\u007f' || character === '\b') text = [...text].slice(0, -1).join('')
        else if (character >= ' ') text += character
      }
    }
    stdin.on('data', onData)
  })
}

/** Reads one line from the terminal. Ctrl-C ends the process as it would anywhere else. */
async function readAnswer(question: string): Promise<string> {
  const { stdin, stderr } = process
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    return await new Promise<string>((resolve) => {
      lines.once('SIGINT', () => process.exit(130))
      // The end of the input is no answer.
      lines.once('close', () => resolve(''))
      lines.question(question, resolve)
    })
  } finally {
    lines.close()
  }
}

/** A second request to end within this time is the first one told twice (npm passes ctrl-C on, and the terminal told us too), milliseconds. */
const SAME_MS = 1_000

/** Resolves at the first request to end; one that comes later, when ending takes too long for somebody, ends the process at once. */
export function untilInterrupted(signals: Pick<NodeJS.Process, 'on'>, now: () => number, endAtOnce: () => void): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined
    const asked = () => {
      if (first === undefined) {
        first = now()
        resolve()
      } else if (now() - first > SAME_MS) endAtOnce()
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) signals.on(signal, asked)
  })
}

/** The process's own terminal and signals. */
export function systemIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    styled: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    ask: readAnswer,
    askSecret: readSecret,
    get interrupted() {
      return untilInterrupted(process, Date.now, () => process.exit(130))
    },
  }
}

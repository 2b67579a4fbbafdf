import type { Io } from './io.ts'

/** Reads one line from the terminal without showing it. Ctrl-C ends the process as it would anywhere else. */
function readSecret(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(question)
  stdin.setRawMode(true)
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

/** The process's own terminal and signals. */
export function systemIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    styled: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    askSecret: readSecret,
    get interrupted() {
      return new Promise<void>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
      })
    },
  }
}

/** The client of bench/tracker.ts, the same for both trackers: ready-made requests over kept connections, one at a time on each. */
import { connect, type Socket } from 'node:net'

/** What came back: how many answers had which status, and bytes of their bodies. */
export interface Load {
  readonly seconds: number
  readonly good: number
  readonly bytes: number
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')

/** One connection: sends a request and reads its answer to the end, without looking at more than its head. */
class Line {
  readonly #socket: Socket
  #head: Buffer = Buffer.alloc(0)
  #left = -1
  #status = 0
  #bytes = 0
  #body: Buffer[] = []
  #keepBody = false
  #done: ((answer: { readonly status: number; readonly bytes: number; readonly body: string }) => void) | undefined
  #failed: ((error: Error) => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (data) => this.#take(data))
    socket.on('error', (error) => this.#failed?.(error))
    socket.on('close', () => this.#failed?.(new Error('the tracker hung up')))
  }

  static open(port: number): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Line(socket)))
    })
  }

  ask(request: Buffer, keepBody: boolean): Promise<{ readonly status: number; readonly bytes: number; readonly body: string }> {
    this.#keepBody = keepBody
    return new Promise((resolve, reject) => {
      this.#done = resolve
      this.#failed = reject
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#failed = undefined
    this.#socket.destroy()
  }

  #take(data: Buffer): void {
    let rest = data
    if (this.#left < 0) {
      const head = this.#head.length === 0 ? data : Buffer.concat([this.#head, data])
      const end = head.indexOf(END_OF_HEAD)
      if (end < 0) {
        this.#head = head
        return
      }
      const text = head.toString('latin1', 0, end)
      this.#status = Number(text.slice(9, 12))
      this.#left = this.#bytes = Number(/content-length: ([0-9]+)/i.exec(text)?.[1] ?? 0)
      this.#head = Buffer.alloc(0)
      rest = head.subarray(end + 4)
    }
    if (this.#keepBody) this.#body.push(rest)
    this.#left -= rest.length
    if (this.#left > 0) return
    const body = this.#keepBody ? Buffer.concat(this.#body).toString('latin1') : ''
    this.#left = -1
    this.#body = []
    this.#done?.({ status: this.#status, bytes: this.#bytes, body })
  }
}

/**
 * Sends `count` requests over `connections` connections, each as soon as the answer before it is there.
 * @param answered is given each body, where there is somebody to look at it
 */
export async function load(
  port: number,
  count: number,
  connections: number,
  request: (i: number) => Buffer,
  answered?: (i: number, body: string) => void,
): Promise<Load> {
  const lines = await Promise.all(Array.from({ length: Math.min(connections, count) }, () => Line.open(port)))
  let [next, good, bytes] = [0, 0, 0]
  const began = performance.now()
  await Promise.all(
    lines.map(async (first) => {
      let line = first
      let asked = 0
      for (let i = next++; i < count; i = next++) {
        // A tracker may end a connection after some requests; opening the next one is part of the work.
        if (asked++ === 900) {
          line.close()
          line = await Line.open(port)
          asked = 1
        }
        const answer = await line.ask(request(i), answered !== undefined)
        if (answer.status === 200) good++
        bytes += answer.bytes
        answered?.(i, answer.body)
      }
      line.close()
    }),
  )
  return { seconds: (performance.now() - began) / 1000, good, bytes }
}

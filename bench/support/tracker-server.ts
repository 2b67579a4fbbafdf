/**
 * A tracker in a process of its own: `ours`, or the npm package bittorrent-tracker (`theirs`), the HTTP part alone. Started with an IPC channel and
 * --expose-gc: tells its port when it listens; answers `{ what: 'use' }` with the memory that is really in use and the processor time spent so far.
 */
import { type ServerOptions, Server as TheirTracker } from 'bittorrent-tracker'
import { systemClock } from '../../src/platform/clock.ts'
import { nodeVerifier } from '../../src/platform/network-verify.ts'
import { systemRandom } from '../../src/platform/random.ts'
import { openTrackerServer } from '../../src/tracker/server.ts'
import { silent } from '../../src/util/ports.ts'
import { err } from '../../src/util/result.ts'
import { addressOf, peerIdOf } from './tracker-members.ts'

/** What a server's process tells. */
export type FromServer = { readonly port: number } | Use

export interface Use {
  /** Heap and what it holds outside of it, after a full collection, bytes. */
  readonly bytes: number
  readonly rss: number
  /** Processor time of the whole process, all threads, seconds. */
  readonly cpu: number
}

const send = (message: FromServer) => process.send?.(message)

async function ours(): Promise<number> {
  const opened = await openTrackerServer({
    listen: '127.0.0.1:0',
    clock: systemClock,
    random: systemRandom,
    log: silent,
    // Nobody listens at these addresses, and in practice this happens once in ten minutes.
    dialBack: async () => err({ message: 'nobody' }),
    version: 'bench',
    verifier: nodeVerifier,
    // Each member announces from an address of its own, as behind a proxy: both trackers read it from X-Forwarded-For.
    proxies: ['127.0.0.1'],
    tuning: {
      maxEntries: 1_000_000,
      maxPerSubnet: 1_000,
      // As many as the load sends; counting them costs what it always does.
      rate: { burst: 1e6, perSecond: 1e6 },
      // Filling takes longer than an interval.
      interval: { min: 3_000, max: 3_600 },
    },
  })
  if (!opened.ok) throw new Error(opened.error.message)
  return opened.value.port
}

/** Lists members at theirs as an announce does; announces themselves look through all that are there each time, which takes minutes for a hundred thousand. */
let fill: (from: number, to: number) => void = () => undefined

function theirs(): Promise<number> {
  const options: ServerOptions = { udp: false, ws: false, stats: false, trustProxy: true, peersCacheLength: 1_000_000 }
  const tracker = new TheirTracker(options)
  fill = (from, to) => {
    const swarm = Object.values(tracker.torrents)[0]
    for (let i = from; i < to; i++) {
      const [ip, id] = [addressOf(i), Buffer.from(peerIdOf(i)).toString('hex')]
      swarm?._onAnnounceStarted({ type: 'http', left: 0, peer_id: id, ip, port: 9875 }, undefined, `${ip}:9875`)
    }
  }
  return new Promise((resolve, reject) => {
    tracker.once('error', reject)
    tracker.listen(0, '127.0.0.1', () => resolve((tracker.http.address() as { port: number }).port))
  })
}

function use(): Use {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return { bytes: heapUsed + external, rss, cpu: (user + system) / 1e6 }
}

process.on('message', (message: { readonly from?: number; readonly to?: number }) => {
  if (message.from !== undefined && message.to !== undefined) fill(message.from, message.to)
  send(use())
})
process.on('disconnect', () => process.exit(0))
send({ port: await (process.argv[2] === 'ours' ? ours() : theirs()) })

import type { Card } from '../../net/card.ts'
import { silent } from '../../util/ports.ts'
import { err } from '../../util/result.ts'
import { TrackerClient } from '../client.ts'
import type { Post } from '../post.ts'
import { openTrackerServer, type TrackerServer } from '../server.ts'
import { type ManualClock, regtest, seededRandom, type TestMember } from './fixture.ts'

export interface ClientOptions {
  readonly post?: Post
  readonly card?: () => Card | undefined
  readonly port?: number
  readonly maxPerTracker?: number
}

/** Tracker clients and trackers of one test file; `close` ends all that a test has opened. */
export class ClientRig {
  readonly #clients: TrackerClient[] = []
  readonly #servers: { close(): unknown }[] = []

  client(member: TestMember, clock: ManualClock, options: ClientOptions = {}): TrackerClient {
    const made = new TrackerClient({
      self: { identity: member.identity, card: options.card ?? (() => member.card()), port: () => options.port ?? 9875, height: () => 3 },
      params: regtest,
      clock,
      random: seededRandom(3),
      log: silent,
      ...(options.post ? { post: options.post } : {}),
      ...(options.maxPerTracker === undefined ? {} : { maxPerTracker: options.maxPerTracker }),
    })
    this.#clients.push(made)
    return made
  }

  /** A real tracker on loopback, which can dial nobody back. */
  async tracker(clock: ManualClock, listen = '127.0.0.1:0'): Promise<TrackerServer> {
    const opened = await openTrackerServer({ listen, clock, random: seededRandom(4), log: silent, dialBack: async () => err({ message: 'no' }), version: '0' })
    if (!opened.ok) throw new Error(opened.error.message)
    this.#servers.push(opened.value)
    return opened.value
  }

  /** Has `server` closed with the rest. */
  closing(server: { close(): unknown }): void {
    this.#servers.push(server)
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close(500)))
    await Promise.all(this.#servers.splice(0).map((server) => server.close()))
  }
}

/** The nicknames that a client was told of, in order. */
export function names(client: TrackerClient): string[] {
  return client
    .members()
    .map((member) => member.card.nickname)
    .sort()
}

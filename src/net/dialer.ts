import type { AddressBook, Avoid } from './address-book.ts'
import { addressGroup } from './address-group.ts'
import type { Connector } from './connector.ts'
import type { NetContext } from './context.ts'
import { formatHostPort, type HostPort } from './transport.ts'

/** Dials under way at once. */
const MAX_DIALLING = 4

/** Keeps enough outbound peers: pinned addresses always, others from the address book, one of a group. */
export class Dialer {
  readonly #context: NetContext
  readonly #connector: Connector
  readonly #book: AddressBook
  readonly #banned: Avoid['banned']
  readonly #target: number
  readonly #dialling = new Map<string, HostPort>()
  readonly #abort = new AbortController()

  constructor(context: NetContext, connector: Connector, book: AddressBook, banned: Avoid['banned'], target: number) {
    this.#context = context
    this.#connector = connector
    this.#book = book
    this.#banned = banned
    this.#target = target
  }

  stop(): void {
    this.#abort.abort()
  }

  /** Called about once a second. */
  tick(): void {
    if (this.#abort.signal.aborted) return
    const avoid = this.#avoid()
    for (const endpoint of this.#book.duePinned(avoid)) if (this.#dialling.size < 2 * MAX_DIALLING) void this.#dial(endpoint, true)
    const outbound = [...this.#context.peers.values()].filter((peer) => peer.direction === 'out' && !peer.manual).length
    let room = Math.min(this.#target - outbound - this.#dialling.size, MAX_DIALLING - this.#dialling.size)
    for (; room > 0; room--) {
      const endpoint = this.#book.choose(this.#avoid())
      if (!endpoint) return
      void this.#dial(endpoint, false)
    }
  }

  async #dial(endpoint: HostPort, manual: boolean): Promise<void> {
    const key = formatHostPort(endpoint)
    this.#dialling.set(key, endpoint)
    this.#book.dialling(endpoint)
    try {
      const dialled = await this.#connector.dial(endpoint, manual, this.#abort.signal)
      if (dialled.ok) return this.#book.succeeded(endpoint, dialled.value.memberId)
      if (dialled.error.code === 'self') this.#book.isOwn(endpoint)
      this.#context.log.debug('could not reach a member', { endpoint: key, why: dialled.error.message })
    } finally {
      this.#dialling.delete(key)
    }
  }

  #avoid(): Avoid {
    const peers = [...this.#context.peers.values()]
    const outbound = peers.filter((peer) => peer.direction === 'out')
    const endpoints = peers.flatMap((peer) => (peer.endpoint ? [formatHostPort(peer.endpoint)] : []))
    return {
      endpoints: new Set([...endpoints, ...this.#dialling.keys()]),
      memberIds: new Set(peers.map((peer) => peer.memberId)),
      groups: new Set([...outbound.map((peer) => peer.remote), ...this.#dialling.values()].flatMap(({ host }) => addressGroup(host) ?? [])),
      banned: this.#banned,
    }
  }
}

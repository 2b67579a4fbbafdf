import type { Files } from '../util/files.ts'
import { parseIp } from '../util/ip.ts'
import { isObject } from '../util/json.ts'
import type { Logger } from '../util/ports.ts'
import type { Peer } from './peer.ts'
import type { HostPort } from './transport.ts'

/** So many outbound peers of one run are dialled first in the next. */
const MAX_ANCHORS = 2

export interface AnchorOptions {
  readonly files: Files
  readonly path: string
  readonly log: Logger
}

/**
 * Outbound peers of the last run, dialled first in this one: who has surrounded our address book must still get past them. The file
 * is read once and removed, so that an anchor that ends us is none the next time; it is written anew when a run has lasted, and at its end.
 */
export class Anchors {
  readonly #options: AnchorOptions
  /** Those of the last run. */
  readonly list: readonly HostPort[]
  #written = ''
  #hadOutbound = false

  private constructor(options: AnchorOptions, list: readonly HostPort[]) {
    this.#options = options
    this.list = list
  }

  /** Takes the anchors of the last run; a file that cannot be understood counts as none. */
  static async take(options: AnchorOptions): Promise<Anchors> {
    const { files, path, log } = options
    try {
      const bytes = await files.read(path)
      if (!bytes) return new Anchors(options, [])
      await files.remove(path)
      return new Anchors(options, read(JSON.parse(new TextDecoder().decode(bytes))))
    } catch (error) {
      log.warn('the peers of the last run could not be read', { error: String(error) })
      return new Anchors(options, [])
    }
  }

  /** Writes those of these peers that are to be dialled first next time: the outbound ones that gave us cheeses, the longest connected first. Never throws. */
  async keep(peers: Iterable<Peer>): Promise<void> {
    const outbound = [...peers].filter((peer) => peer.direction === 'out' && !peer.manual && peer.endpoint)
    outbound.sort((a, b) => Number(b.gave.cheese > 0) - Number(a.gave.cheese > 0) || a.connectedAt - b.connectedAt)
    this.#hadOutbound ||= outbound.length > 0
    // Who never got out in this run has learnt nothing about the anchors of the last one.
    const kept = this.#hadOutbound ? outbound.flatMap(({ endpoint }) => endpoint ?? []).slice(0, MAX_ANCHORS) : this.list
    const text = `${JSON.stringify({ schema: 1, endpoints: kept.map(({ host, port }) => ({ host, port })) })}\n`
    if (kept.length === 0 || text === this.#written) return
    try {
      await this.#options.files.write(this.#options.path, new TextEncoder().encode(text))
      this.#written = text
    } catch (error) {
      this.#options.log.warn('the peers to be dialled first could not be written down', { error: String(error) })
    }
  }
}

function read(data: unknown): HostPort[] {
  if (!isObject(data) || data.schema !== 1 || !Array.isArray(data.endpoints)) return []
  const found = data.endpoints.slice(0, MAX_ANCHORS).filter((one: unknown): one is HostPort => {
    if (!isObject(one) || typeof one.host !== 'string' || !parseIp(one.host)) return false
    return typeof one.port === 'number' && Number.isInteger(one.port) && one.port > 0 && one.port <= 65_535
  })
  return found.map(({ host, port }) => ({ host, port }))
}

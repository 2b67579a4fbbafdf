import type { Entry, NetworkCount } from './table.ts'

/** Most different versions and heights that are told of a network. */
const MAX_KINDS = 12
/** Most different ones that are counted: whoever invents more gets no more memory for it. */
const MAX_COUNTED = 1_000

/** Counts things, the most frequent first; strangers choose what is counted, so it is bounded. */
export class Tally<K extends string | number> {
  readonly #counts = new Map<K, number>()

  add(kind: K, count = 1): void {
    const known = this.#counts.get(kind)
    if (known !== undefined || this.#counts.size < MAX_COUNTED) this.#counts.set(kind, (known ?? 0) + count)
  }

  most(): [K, number][] {
    return [...this.#counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? 1 : -1)).slice(0, MAX_KINDS)
  }
}

/** A network in numbers. */
export function countNetwork(network: string, entries: readonly Entry[]): NetworkCount {
  let reachable = 0
  let height = 0
  const versions = new Tally<string>()
  const heights = new Tally<number>()
  for (const entry of entries) {
    if (entry.reachable === true) reachable++
    if (entry.height > height) height = entry.height
    heights.add(entry.height)
    versions.add(entry.version)
  }
  return {
    network,
    members: entries.length,
    reachable,
    height,
    versions: versions.most().map(([name, members]) => ({ name, members })),
    heights: heights.most().map(([at, members]) => ({ height: at, members })),
  }
}

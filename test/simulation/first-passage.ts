import { drawPlace, oneWayBetween, type Place } from './network/lines.ts'
import type { Dice } from './network/random.ts'

/** Who is connected to whom, as arrays: members by the million. Edge e leads to `to[e]`; edges of node i are first[i] … first[i + 1]. */
export interface Graph {
  readonly size: number
  readonly first: Int32Array
  readonly to: Int32Array
  /** The edge in the other direction. */
  readonly back: Int32Array
  /** 1 where the node that the edge leaves from dialled. */
  readonly dialled: Uint8Array
  /** One way, milliseconds. */
  readonly delay: Float32Array
}

/** Everybody dials `outbound` others at random of those that can be dialled. */
export function randomGraph(dice: Dice, size: number, outbound: number, closed: number): Graph {
  const places: Place[] = Array.from({ length: size }, () => drawPlace(dice))
  const open = Array.from({ length: size }, (_, i) => i).filter(() => dice.fraction() >= closed)
  const pairs: number[] = []
  const degree = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const chosen = new Set<number>()
    for (let tries = 0; chosen.size < Math.min(outbound, open.length - 1) && tries < 20 * outbound; tries++) {
      const j = open[dice.below(open.length)] as number
      if (j !== i) chosen.add(j)
    }
    for (const j of chosen) {
      pairs.push(i, j)
      degree[i] = (degree[i] as number) + 1
      degree[j] = (degree[j] as number) + 1
    }
  }
  const first = new Int32Array(size + 1)
  for (let i = 0; i < size; i++) first[i + 1] = (first[i] as number) + (degree[i] as number)
  const fill = first.slice()
  const [to, back] = [new Int32Array(pairs.length), new Int32Array(pairs.length)]
  const dialled = new Uint8Array(pairs.length)
  const delay = new Float32Array(pairs.length)
  for (let p = 0; p < pairs.length; p += 2) {
    const [i, j] = [pairs[p] as number, pairs[p + 1] as number]
    const [there, here] = [fill[i] as number, fill[j] as number]
    fill[i] = there + 1
    fill[j] = here + 1
    to[there] = j
    to[here] = i
    back[there] = here
    back[here] = there
    dialled[there] = 1
    delay[there] = delay[here] = oneWayBetween(places[i] as Place, places[j] as Place)
  }
  return { size, first, to, back, dialled, delay }
}

/** When news that begins at `source` is first at each node, if it takes `hop(e)` milliseconds over edge e: Dijkstra. */
export function firstPassage(graph: Graph, source: number, hop: (edge: number, from: number) => number): Float64Array {
  const times = new Float64Array(graph.size).fill(Number.POSITIVE_INFINITY)
  times[source] = 0
  const heap = new MinHeap()
  heap.push(0, source)
  for (let node = heap.pop(); node !== undefined; node = heap.pop()) {
    const now = times[node] as number
    if (heap.popped > now) continue
    for (let edge = graph.first[node] as number; edge < (graph.first[node + 1] as number); edge++) {
      const at = now + hop(edge, node)
      const there = graph.to[edge] as number
      if (at >= (times[there] as number)) continue
      times[there] = at
      heap.push(at, there)
    }
  }
  return times
}

/** Numbers by key, smallest first; a node may be in it several times. */
class MinHeap {
  /** Key of what `pop` gave last. */
  popped = 0
  readonly #keys: number[] = []
  readonly #values: number[] = []

  push(key: number, value: number): void {
    const [keys, values] = [this.#keys, this.#values]
    let at = keys.length
    keys.push(key)
    values.push(value)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((keys[parent] as number) <= key) break
      keys[at] = keys[parent] as number
      values[at] = values[parent] as number
      at = parent
    }
    keys[at] = key
    values[at] = value
  }

  pop(): number | undefined {
    const [keys, values] = [this.#keys, this.#values]
    const first = values[0]
    if (first === undefined) return undefined
    this.popped = keys[0] as number
    const [key, value] = [keys.pop() as number, values.pop() as number]
    if (keys.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= keys.length) break
      if (child + 1 < keys.length && (keys[child + 1] as number) < (keys[child] as number)) child++
      if ((keys[child] as number) >= key) break
      keys[at] = keys[child] as number
      values[at] = values[child] as number
      at = child
    }
    keys[at] = key
    values[at] = value
    return first
  }
}

/** The header tree and the choice between its branches as plainly as they can be written: everything in memory, looked through each time. */
import type { Smell } from '../../consensus/types.ts'
import type { Made } from './maker.ts'

export interface ModelNode {
  readonly made: Made
  readonly smell: Smell
  readonly height: number
  readonly parent: ModelNode | undefined
  /** Breaks a rule that is only seen when it is connected. */
  readonly isBad: boolean
  order: number
  state: 'header' | 'body' | 'valid' | 'invalid'
  complete: boolean
}

const hasBody = ({ state }: ModelNode) => state === 'body' || state === 'valid'

export class TreeModel {
  readonly nodes = new Map<Smell, ModelNode>()
  tip: ModelNode
  best: ModelNode
  #nextOrder = 1

  constructor(blue: Made) {
    const { smell } = blue
    this.tip = { made: blue, smell, height: 0, parent: undefined, isBad: false, order: 0, state: 'valid', complete: true }
    this.best = this.tip
    this.nodes.set(smell, this.tip)
  }

  addHeader(made: Made, isBad: boolean): void {
    const parent = this.nodes.get(made.parent?.smell ?? '')
    if (this.nodes.has(made.smell) || !parent || parent.state === 'invalid') return
    const node: ModelNode = { made, smell: made.smell, height: made.height, parent, isBad, order: this.#nextOrder++, state: 'header', complete: false }
    this.nodes.set(made.smell, node)
    if (node.height > this.best.height) this.best = node
  }

  addBody(smell: Smell): void {
    const node = this.nodes.get(smell)
    if (node?.state !== 'header') return
    if (node.parent === this.tip) this.#connect(node)
    else {
      node.state = 'body'
      if (node.parent?.complete) this.#complete(node)
    }
    if (node.complete) this.#completeAbove(node)
    this.#activate()
  }

  /** From the blue cheese up to `node`. */
  branch(node: ModelNode): ModelNode[] {
    const nodes: ModelNode[] = []
    for (let at: ModelNode | undefined = node; at; at = at.parent) nodes.unshift(at)
    return nodes
  }

  missing(): Smell[] {
    return this.branch(this.best)
      .filter((node) => !hasBody(node))
      .map(({ smell }) => smell)
  }

  #children(node: ModelNode): ModelNode[] {
    return [...this.nodes.values()].filter(({ parent }) => parent === node)
  }

  #complete(node: ModelNode): void {
    node.complete = true
    node.order = this.#nextOrder++
  }

  #completeAbove(node: ModelNode): void {
    for (let level = [node]; level.length > 0; ) {
      level = level.flatMap((at) => this.#children(at)).filter((at) => hasBody(at) && !at.complete)
      level.sort((a, b) => a.order - b.order)
      for (const at of level) this.#complete(at)
    }
  }

  #connect(node: ModelNode): boolean {
    if (node.isBad) {
      this.#condemn(node)
      return false
    }
    node.state = 'valid'
    if (!node.complete) this.#complete(node)
    this.tip = node
    if (node.height >= this.best.height) this.best = node
    return true
  }

  #condemn(node: ModelNode): void {
    node.state = 'invalid'
    node.complete = false
    for (const child of this.#children(node)) this.#condemn(child)
    if (this.best.state !== 'invalid') return
    const best = this.#bestOf((at) => at.state !== 'invalid')
    this.best = best.height === this.tip.height ? this.tip : best
  }

  #bestOf(filter: (node: ModelNode) => boolean): ModelNode {
    const [best] = [...this.nodes.values()].filter(filter).sort((a, b) => b.height - a.height || a.order - b.order)
    return best as ModelNode
  }

  #activate(): void {
    for (;;) {
      const target = this.#bestOf(({ complete }) => complete)
      if (target === this.tip) return
      const above = this.branch(target)
      let fork = this.tip
      while (!above.includes(fork)) fork = fork.parent as ModelNode
      this.tip = fork
      for (const node of above.slice(fork.height + 1)) if (!this.#connect(node)) break
    }
  }
}

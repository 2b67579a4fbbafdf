/** Members by the subnet they are in, and which subnet has most of them: found without looking at all. */
export class Crowds<T> {
  readonly #groups = new Map<string, T[]>()
  /** By size, the subnets that have as many. */
  readonly #bySize = new Map<number, Set<string>>()
  #most = 0

  count(subnet: string): number {
    return this.#groups.get(subnet)?.length ?? 0
  }

  /** Those in the subnet with most members; of several such, one of them. Empty when there is nobody. */
  greatest(): readonly T[] {
    for (const subnet of this.#bySize.get(this.#most) ?? []) return this.#groups.get(subnet) ?? []
    return []
  }

  add(subnet: string, member: T): void {
    const group = this.#groups.get(subnet)
    if (group) group.push(member)
    else this.#groups.set(subnet, [member])
    const size = group?.length ?? 1
    this.#moveTo(subnet, size - 1, size)
  }

  remove(subnet: string, member: T): void {
    const group = this.#groups.get(subnet)
    const at = group?.indexOf(member) ?? -1
    if (!group || at < 0) return
    const last = group.pop() as T
    if (at < group.length) group[at] = last
    if (group.length === 0) this.#groups.delete(subnet)
    this.#moveTo(subnet, group.length + 1, group.length)
  }

  #moveTo(subnet: string, from: number, to: number): void {
    const before = this.#bySize.get(from)
    before?.delete(subnet)
    if (before?.size === 0) this.#bySize.delete(from)
    if (to > 0) {
      const now = this.#bySize.get(to) ?? new Set<string>()
      this.#bySize.set(to, now.add(subnet))
    }
    if (to > this.#most) this.#most = to
    // One came or went: if nobody is left at the top, the next lower size has one.
    while (this.#most > 0 && !this.#bySize.has(this.#most)) this.#most--
  }
}

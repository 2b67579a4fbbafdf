/** What a scenario was asked for. */
export interface Wanted {
  readonly members: number
  readonly seed: number
  /** Virtual hours; undefined = what the scenario takes by itself. */
  readonly hours: number | undefined
}

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Something that must hold after every run. */
export interface Invariant {
  readonly name: string
  readonly holds: boolean
  /** What was found. */
  readonly detail: string
}

/** What came out of a scenario: the same for the same wishes, whatever the machine. */
export interface Outcome {
  readonly scenario: string
  readonly title: string
  /** What is done, in a paragraph. */
  readonly about: string
  readonly wanted: Wanted
  readonly tables: readonly Table[]
  readonly charts: readonly { readonly file: string; readonly svg: string }[]
  readonly invariants: readonly Invariant[]
  /** Numbers by name, for tests and for the model. */
  readonly facts: Readonly<Record<string, number>>
  /** Virtual seconds and turns of the event loop. */
  readonly seconds: number
  readonly turns: number
}

export interface Scenario {
  readonly name: string
  /** In a line, for `help`. */
  readonly summary: string
  /** Of `members` that were asked for, how many it runs with when it is one of all. */
  readonly membersOf: (members: number) => number
  readonly run: (wanted: Wanted) => Promise<Outcome>
}

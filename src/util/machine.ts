/** What mining yields to, as the machine tells it. */
export interface MachineFacts {
  /** false where it is not known. */
  readonly onBattery: boolean
  /** Seconds since anybody touched the machine (a locked one is not touched); undefined where that cannot be told. */
  readonly idleSeconds: number | undefined
  /** How long what happens now waits on average until this process looks at it, milliseconds, since it was asked last. */
  readonly waitMs: number
  /** What the processor draws as a whole, watts, where it tells. */
  readonly watts: number | undefined
}

/** The machine that mining runs on. Adapters: platform/machine.ts, main/machine.ts. */
export interface MachinePort {
  /** Whether `idleSeconds` is ever told. */
  readonly knowsIdle: boolean
  /** Begins to measure, and calls `changed` when something changes that should not wait for the next look; returns a function that ends both. */
  watch(changed: () => void): () => void
  /** As it is now, while it is watched. */
  facts(): Promise<MachineFacts>
}

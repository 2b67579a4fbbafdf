import type { Clock } from '../util/ports.ts'

/** Looked so often. */
const LOOK_MS = 5_000
/** A look that comes so much later than it should means that this machine slept. */
const SLEPT_MS = 30_000

export interface WakeWatchOptions {
  readonly clock: Clock
  /** This machine's addresses in the networks that it is in, sorted. */
  readonly addresses: () => readonly string[]
  readonly onLook: (addresses: readonly string[]) => void
  /** `slept`: the clock jumped. `moved`: other networks, or other addresses in them. */
  readonly onWake: (why: 'slept' | 'moved') => void
}

/** Notices, without help of the system, that this machine slept or changed networks. Returns a function that ends that. */
export function watchForWake({ clock, addresses, onLook, onWake }: WakeWatchOptions): () => void {
  let before: { readonly at: number; readonly addresses: string } | undefined
  let callOff = () => {}
  const look = () => {
    const now = clock.now()
    const list = addresses()
    const here = list.join()
    const last = before
    before = { at: now, addresses: here }
    callOff = clock.after(LOOK_MS, look)
    onLook(list)
    if (!last) return
    if (now - last.at > LOOK_MS + SLEPT_MS) onWake('slept')
    // To be in no network is nothing to dial from.
    else if (here !== last.addresses && list.length > 0) onWake('moved')
  }
  look()
  return () => callOff()
}

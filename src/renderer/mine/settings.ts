import { create } from 'zustand'
import type { MiningChange, MiningStatus } from '../../api/schemas.ts'
import { sentence } from '../lib/failure.ts'

/** What a person can choose about mining, apart from on and off. */
export interface Settings {
  readonly threads: number
  readonly intensity: number
  readonly mineOnBattery: boolean
  readonly onlyWhenIdle: boolean
  readonly idleMinutes: number
  readonly autoStart: boolean
  readonly kernelChoice: string
}
export type Setting = keyof Settings

/** What is shown in place of the status that the member sends, until that status has caught up. */
export type Held = Partial<Settings> & Partial<Pick<MiningStatus, 'on' | 'consented'>>

interface SettingsState {
  readonly held: Held
  readonly busy: Readonly<Partial<Record<Setting, boolean>>>
  readonly errors: Readonly<Partial<Record<Setting, string>>>
}

/** A status may have been on its way when a change was answered: a change is shown for so long after its answer, whatever comes. */
const HOLD_MS = 1000

export interface ChangerPorts {
  readonly set: (change: MiningChange) => Promise<MiningStatus>
  readonly onMining: (mining: MiningStatus) => void
  /** Runs `then` in `ms`; another clock in tests. */
  readonly after: (ms: number, then: () => void) => void
}

const without = <T extends object>(whole: T, key: keyof T): T => {
  const { [key]: _gone, ...rest } = whole
  return rest as T
}

/** Changes settings so that the page shows them at once and keeps showing them, and never sends two changes of one setting at a time. */
export function makeChanger({ set, onMining, after }: ChangerPorts) {
  const store = create<SettingsState>()(() => ({ held: {}, busy: {}, errors: {} }))
  const versions = new Map<string, number>()

  /** Shows `values` until the member's status has surely caught up. */
  const hold = (values: Held) => {
    for (const key of Object.keys(values)) versions.set(key, (versions.get(key) ?? 0) + 1)
    const held = Object.keys(values).map((key) => [key, versions.get(key)] as const)
    store.setState((state) => ({ held: { ...state.held, ...values } }))
    after(HOLD_MS, () => {
      for (const [key, version] of held) if (versions.get(key) === version) store.setState((state) => ({ held: without(state.held, key as keyof Held) }))
    })
  }

  /** Changes one setting. While an earlier change of it is under way, only the latest wish is kept and sent after it. */
  const change = async <K extends Setting>(name: K, value: Settings[K]): Promise<void> => {
    versions.set(name, (versions.get(name) ?? 0) + 1)
    store.setState((state) => ({ held: { ...state.held, [name]: value }, errors: without(state.errors, name) }))
    if (store.getState().busy[name]) return
    store.setState((state) => ({ busy: { ...state.busy, [name]: true } }))
    try {
      let sent: number | undefined
      let mining: MiningStatus
      do {
        sent = versions.get(name)
        mining = await set({ [name === 'kernelChoice' ? 'kernel' : name]: store.getState().held[name] })
        onMining(mining)
      } while (sent !== versions.get(name))
      hold({ [name]: mining[name] })
    } catch (error) {
      store.setState((state) => ({ held: without(state.held, name), errors: { ...state.errors, [name]: sentence(error) } }))
    } finally {
      store.setState((state) => ({ busy: without(state.busy, name) }))
    }
  }

  return { store, hold, change }
}

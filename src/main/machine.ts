import type { EventEmitter } from 'node:events'
import type { MachinePort } from '../util/machine.ts'

/** What is used of Electron's `powerMonitor`. */
export interface PowerMonitor extends Pick<EventEmitter, 'on' | 'off'> {
  isOnBatteryPower(): boolean
  /** Seconds. */
  getSystemIdleTime(): number
}

const EVENTS = ['on-ac', 'on-battery', 'suspend', 'resume', 'lock-screen', 'unlock-screen'] as const

/** The machine as Electron sees it, and for the rest as plain Node does. */
export function electronMachine(power: PowerMonitor, node: MachinePort): MachinePort {
  let locked = false
  return {
    knowsIdle: true,
    watch(changed) {
      const endNode = node.watch(changed)
      const listeners = EVENTS.map((event) => {
        const listener = () => {
          if (event === 'lock-screen') locked = true
          if (event === 'unlock-screen') locked = false
          changed()
        }
        power.on(event, listener)
        return () => power.off(event, listener)
      })
      return () => {
        endNode()
        for (const end of listeners) end()
        // Nobody tells any more when it is unlocked.
        locked = false
      }
    },
    async facts() {
      const facts = await node.facts()
      // Electron does not know of batteries everywhere on Linux.
      return { ...facts, onBattery: facts.onBattery || power.isOnBatteryPower(), idleSeconds: locked ? Number.POSITIVE_INFINITY : power.getSystemIdleTime() }
    },
  }
}

/** Calls `woke` whenever the machine wakes up; returns a function that ends that. */
export function wakesOf(power: Pick<PowerMonitor, 'on' | 'off'>, woke: () => void): () => void {
  power.on('resume', woke)
  return () => power.off('resume', woke)
}

import { create } from 'zustand'
import type { MiningChange, MiningStatus } from '../../api/schemas.ts'
import { api } from '../session.ts'
import { onMining, useApp } from '../store.ts'
import { makeChanger, type Setting, type Settings } from './settings.ts'

const changer = makeChanger({
  set: (change) => api.mining.set(change),
  onMining,
  after: (ms, then) => void setTimeout(then, ms),
})

/** The miner as the window shows it: what the member last said, and over it what the person has just chosen. */
export function useMining(): MiningStatus | undefined {
  const mining = useApp((state) => state.status?.mining)
  const held = changer.store((state) => state.held)
  return mining && { ...mining, ...held }
}

/** One setting: how to change it, whether a change runs, and what went wrong last. */
export function useSetting<K extends Setting>(name: K) {
  const busy = changer.store((state) => state.busy[name] ?? false)
  const error = changer.store((state) => state.errors[name])
  return { change: (value: Settings[K]) => void changer.change(name, value), busy, error }
}

/** Switches mining on or off. */
export async function switchMining(on: boolean): Promise<void> {
  take(await api.mining.set({ on }))
}

/** Tells the member that the person has agreed to mining, and begins; `also` is what else was asked for. */
export async function agreeAndMine(also: MiningChange): Promise<void> {
  take(await api.mining.set({ ...also, on: true, consent: true }))
}

function take(mining: MiningStatus): void {
  onMining(mining)
  changer.hold({ on: mining.on, consented: mining.consented, autoStart: mining.autoStart })
}

const useConsent = create<{ readonly asking: MiningChange | undefined }>()(() => ({ asking: undefined }))

/** What waits for the person's consent to mining while the window asks for it; undefined while it does not ask. */
export const useAskingConsent = () => useConsent((state) => state.asking)
/** Asks the person to agree to mining; `also` is changed with it when they do. */
export const askConsent = (also: MiningChange = {}) => useConsent.setState({ asking: also })
/** Asks no more, whatever the answer was. */
export const endConsent = () => useConsent.setState({ asking: undefined })

import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { MachinePort } from '../util/machine.ts'
import { electronMachine, wakesOf } from './machine.ts'

function machine() {
  const power = Object.assign(new EventEmitter(), { battery: false, idle: 7, isOnBatteryPower: () => power.battery, getSystemIdleTime: () => power.idle })
  const base = { watched: 0, onBattery: false }
  const node: MachinePort = {
    knowsIdle: false,
    watch: () => {
      base.watched += 1
      return () => {
        base.watched -= 1
      }
    },
    facts: async () => ({ onBattery: base.onBattery, idleSeconds: undefined, waitMs: 3, watts: 5 }),
  }
  return { power, base, port: electronMachine(power, node) }
}

describe('the machine as Electron sees it', () => {
  it('is on battery when either says so, and idle as long as Electron says', async () => {
    const { power, base, port } = machine()
    expect([port.knowsIdle, await port.facts()]).toEqual([true, { onBattery: false, idleSeconds: 7, waitMs: 3, watts: 5 }])
    power.battery = true
    expect((await port.facts()).onBattery).toBe(true)
    power.battery = false
    base.onBattery = true
    expect((await port.facts()).onBattery).toBe(true)
  })

  it('is not in use while it is locked', async () => {
    const { power, port } = machine()
    const end = port.watch(() => undefined)
    power.emit('lock-screen')
    expect((await port.facts()).idleSeconds).toBe(Number.POSITIVE_INFINITY)
    power.emit('unlock-screen')
    expect((await port.facts()).idleSeconds).toBe(7)
    end()
  })

  it('tells at once what should not wait, until it is no longer watched', () => {
    const { power, base, port } = machine()
    let told = 0
    const end = port.watch(() => {
      told += 1
    })
    for (const event of ['on-battery', 'on-ac', 'suspend', 'resume', 'lock-screen', 'unlock-screen']) power.emit(event)
    expect([told, base.watched]).toEqual([6, 1])
    end()
    power.emit('on-battery')
    expect([told, base.watched, power.eventNames()]).toEqual([6, 0, []])
  })

  it('tells when it wakes up, until nobody wants to know', () => {
    const { power } = machine()
    let woke = 0
    const end = wakesOf(power, () => {
      woke += 1
    })
    power.emit('resume')
    end()
    power.emit('resume')
    expect([woke, power.eventNames()]).toEqual([1, []])
  })
})

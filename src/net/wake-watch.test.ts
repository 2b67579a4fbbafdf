import { expect, it } from 'vitest'
import { FakeClock } from './testing/world.ts'
import { watchForWake } from './wake-watch.ts'

/** A clock whose timers sleep while the time goes on. */
class SleepingClock extends FakeClock {
  slept = 0
  override now(): number {
    return super.now() + this.slept
  }
}

it('a machine that slept, or is in another network, is noticed, and nothing else is', async () => {
  const clock = new SleepingClock()
  let addresses = ['192.168.1.2']
  const woke: string[] = []
  const end = watchForWake({ clock, addresses: () => addresses, onLook: () => undefined, onWake: (why) => void woke.push(why) })
  await clock.advance(60_000)
  expect(woke).toEqual([])
  clock.slept += 3_600_000
  await clock.advance(5_000)
  expect(woke.splice(0)).toEqual(['slept'])
  addresses = ['10.0.0.7', '2001:db8::7']
  await clock.advance(5_000)
  expect(woke.splice(0)).toEqual(['moved'])
  addresses = []
  await clock.advance(5_000)
  expect(woke).toEqual([])
  addresses = ['10.0.0.7']
  await clock.advance(5_000)
  expect(woke.splice(0)).toEqual(['moved'])
  end()
  addresses = ['10.0.0.8']
  await clock.advance(60_000)
  expect(woke).toEqual([])
})

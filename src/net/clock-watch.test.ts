import { expect, it } from 'vitest'
import { ClockWatch } from './clock-watch.ts'
import { FakeClock } from './testing/world.ts'

/** What is said of a clock that is `slow` by so many seconds, after so many cheeses. */
async function offset(slow: number, cheeses: number, oddOnes = 0): Promise<number> {
  const clock = new FakeClock()
  const watch = new ClockWatch(clock, () => undefined)
  for (let i = 0; i < cheeses; i++) {
    await clock.advance(60_000)
    const time = Math.floor(clock.now() / 1000) + slow - (i % 7)
    watch.saw(`${i}`, i < oddOnes ? time + 5_000 : time)
    // The same cheese comes from many.
    for (let again = 0; again < 20; again++) watch.saw(`${i}`, time)
  }
  return watch.offset
}

it('a clock is off when most of the latest cheeses say so', async () => {
  expect(await offset(0, 20)).toBe(0)
  expect(await offset(200, 20)).toBe(0)
  expect(await offset(1_200, 20)).toBeGreaterThan(1_190)
  expect(await offset(-900, 20)).toBeLessThan(-890)
})

it('few cheeses, or few odd ones, say nothing of it', async () => {
  expect(await offset(1_200, 4)).toBe(0)
  expect(await offset(0, 11, 5)).toBe(0)
  expect(await offset(0, 11, 6)).not.toBe(0)
})

it('is right again once the clock was set', async () => {
  const clock = new FakeClock()
  const told: number[] = []
  const watch = new ClockWatch(clock, (seconds) => told.push(seconds))
  const now = () => Math.floor(clock.now() / 1000)
  for (let i = 0; i < 11; i++) watch.saw(`before ${i}`, now() + 1_200)
  expect(watch.offset).toBe(1_200)
  for (let i = 0; i < 6; i++) watch.saw(`after ${i}`, now())
  expect(watch.offset).toBe(0)
  expect(told).toEqual([1_200, 0])
})

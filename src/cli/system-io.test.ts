import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { untilInterrupted } from './system-io.ts'

describe('a request to end', () => {
  const set = () => {
    const signals = new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on'>
    const endAtOnce = vi.fn()
    const clock = { ms: 5_000 }
    return { signals, endAtOnce, clock, interrupted: untilInterrupted(signals, () => clock.ms, endAtOnce) }
  }

  it.each(['SIGINT', 'SIGTERM'])('is %s', async (signal) => {
    const { signals, interrupted } = set()
    signals.emit(signal)
    await interrupted
  })

  it('that is told twice, as npm does with ctrl-C, is one', async () => {
    const { signals, endAtOnce, clock, interrupted } = set()
    signals.emit('SIGINT')
    clock.ms += 300
    signals.emit('SIGINT')
    signals.emit('SIGTERM')
    await interrupted
    expect(endAtOnce).not.toHaveBeenCalled()
  })

  it('that is made again later ends the process at once', () => {
    const { signals, endAtOnce, clock } = set()
    signals.emit('SIGINT')
    clock.ms += 3_000
    signals.emit('SIGINT')
    expect(endAtOnce).toHaveBeenCalledOnce()
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { processEnded } from './process-ended.ts'

describe('whether a process has ended', () => {
  it('is no while it runs and yes afterwards', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(child, 'spawn')
    expect(processEnded(child.pid as number)).toBe(false)
    child.stdin.end()
    await once(child, 'exit')
    expect(processEnded(child.pid as number)).toBe(true)
  })

  it('is no for this one', () => {
    expect(processEnded(process.pid)).toBe(false)
  })
})

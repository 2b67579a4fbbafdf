import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSeen, readWindowState, writeWindowState } from './window-state.ts'

const screen = { x: 0, y: 0, width: 1920, height: 1080 }
const state = { bounds: { x: 100, y: 50, width: 1180, height: 780 }, maximized: false }
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cheese-window-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('where the window was left', () => {
  it('is remembered', () => {
    const path = join(folder, 'new', 'window-state.json')
    writeWindowState(path, state)
    expect(readWindowState(path, [screen])).toEqual(state)
  })

  it('counts only where a person can take hold of the window', () => {
    expect(isSeen(state.bounds, [screen])).toBe(true)
    expect(isSeen({ ...state.bounds, x: 1900 }, [screen])).toBe(false)
    expect(isSeen({ ...state.bounds, y: -500 }, [screen])).toBe(false)
    expect(isSeen({ ...state.bounds, x: 1900 }, [screen, { ...screen, x: 1920 }])).toBe(true)
  })

  it('is forgotten when its file is missing, damaged or of another form', async () => {
    const path = join(folder, 'window-state.json')
    expect(readWindowState(path, [screen])).toBeUndefined()
    for (const text of ['{', '{"bounds":{"x":0,"y":0,"width":1,"height":1},"maximized":false}', '[]']) {
      await writeFile(path, text)
      expect(readWindowState(path, [screen])).toBeUndefined()
    }
  })

  it('bothers nobody when the disk does not take it', async () => {
    await writeFile(join(folder, 'file'), '')
    expect(() => writeWindowState(join(folder, 'file', 'window-state.json'), state)).not.toThrow()
  })
})

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Failure } from '../api/errors.ts'
import { memoryFiles } from '../net/testing/world.ts'
import { systemFiles } from '../platform/files.ts'
import { StoreError } from '../util/store-error.ts'
import { claimDataFolder } from './data-folder.ts'
import { diskFailure } from './disk-failure.ts'
import { Problems } from './problems.ts'
import { MemberSettings } from './settings.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('claimDataFolder', () => {
  it('claims an empty folder for a network, and lets that network in again', async () => {
    const files = memoryFiles()
    expect((await claimDataFolder('/d', 'regtest', files)).chain).toBe('/d/chain')
    await expect(claimDataFolder('/d', 'regtest', files)).resolves.toBeTruthy()
  })

  it('refuses another network, a newer layout and a mark that cannot be read, and changes nothing', async () => {
    const files = memoryFiles()
    await claimDataFolder('/d', 'test', files)
    await expect(claimDataFolder('/d', 'main', files)).rejects.toMatchObject({ code: 'DATA_OTHER_NETWORK', message: expect.stringContaining('--network test') })
    await expect(claimDataFolder('/d', 'test', files)).resolves.toBeTruthy()
    await files.write('/n/network.json', bytes('{"schema":2,"network":"main"}'))
    await expect(claimDataFolder('/n', 'main', files)).rejects.toMatchObject({ code: 'DATA_NEWER' })
    for (const damaged of ['', '{', '[]', '{"schema":"1","network":"main"}']) {
      await files.write('/x/network.json', bytes(damaged))
      await expect(claimDataFolder('/x', 'main', files)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
      expect(await files.read('/x/network.json')).toEqual(bytes(damaged))
    }
  })

  it.skipIf(process.platform === 'win32')('makes a folder that other users of the machine cannot look into', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'cheese-folder-'))
    const root = join(parent, 'data')
    await claimDataFolder(root, 'regtest', systemFiles)
    expect((await stat(root)).mode & 0o077).toBe(0)
    await rm(parent, { recursive: true })
  })

  it('finds out at once that the disk takes nothing', async () => {
    const files = { ...memoryFiles(), write: () => Promise.reject(new StoreError('disk-full', 'The disk is full.')) }
    await expect(claimDataFolder('/d', 'main', files)).rejects.toMatchObject({ code: 'DISK_FULL' })
  })
})

describe('diskFailure', () => {
  it('gives stores’ errors their codes and leaves everything else alone', () => {
    expect(diskFailure(new StoreError('in-use', 'x'))).toMatchObject({ code: 'DATA_IN_USE' })
    expect(diskFailure(new StoreError('read-only', 'x'))).toMatchObject({ code: 'DISK_READ_ONLY' })
    const bug = new Error('a bug')
    expect(diskFailure(bug)).toBe(bug)
    const failed = new StoreError('failed', 'who knows')
    expect(diskFailure(failed)).toBe(failed)
  })
})

describe('Problems', () => {
  it('tells each change once, errors first', () => {
    let told = 0
    const problems = new Problems(() => told++)
    problems.raise('a', 'notice', 'one')
    problems.raise('a', 'notice', 'one')
    problems.raise('b', 'error', 'two')
    expect(problems.list().map((p) => p.id)).toEqual(['b', 'a'])
    problems.clear('a')
    problems.clear('a')
    expect(told).toBe(3)
  })

  it('shows trouble with the disk as long as it lasts, and throws it on', async () => {
    const problems = new Problems(() => {})
    const full = new StoreError('disk-full', 'The disk is full.')
    await expect(problems.watchDisk(() => Promise.reject(full))).rejects.toBe(full)
    expect(problems.list()).toMatchObject([{ id: 'disk', severity: 'error' }])
    expect(await problems.watchDisk(async () => 5)).toBe(5)
    expect(problems.list()).toEqual([])
    await expect(problems.watchDisk(() => Promise.reject(new Failure('NOT_FOUND', 'x')))).rejects.toBeInstanceOf(Failure)
  })
})

describe('MemberSettings', () => {
  it('keeps what was chosen', async () => {
    const files = memoryFiles()
    const settings = await MemberSettings.open(files, '/d/member.json')
    await settings.change({ trackers: ['http://127.0.0.1:1'], hosting: '127.0.0.1:2' })
    expect((await MemberSettings.open(files, '/d/member.json')).values).toMatchObject({
      trackers: ['http://127.0.0.1:1'],
      hosting: '127.0.0.1:2',
      threads: null,
    })
  })

  it('begins anew where the file is damaged, and keeps what was there', async () => {
    const files = memoryFiles()
    await files.write('/d/member.json', bytes('{"version":9}'))
    expect((await MemberSettings.open(files, '/d/member.json')).values.trackers).toEqual([])
    expect(await files.read('/d/member.json.damaged')).toEqual(bytes('{"version":9}'))
  })
})

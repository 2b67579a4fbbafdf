import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { systemFiles, writeFileAtomic } from './files.ts'
import { defaultDataDir } from './folders.ts'
import { toStoreError } from './io-errors.ts'
import { consoleLogger } from './logger.ts'
import { systemRandom } from './random.ts'

describe('files', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cheese-files-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('writes, replaces, reads, lists and removes; leaves nothing else behind', async () => {
    const path = join(folder, 'deep', 'er', 'settings.json')
    await systemFiles.write(path, Uint8Array.of(1, 2))
    await systemFiles.write(path, Uint8Array.of(3))
    expect(await systemFiles.read(path)).toEqual(Uint8Array.of(3))
    expect(await systemFiles.list(join(folder, 'deep', 'er'))).toEqual(['settings.json'])
    await systemFiles.remove(path)
    await systemFiles.remove(path)
    expect(await systemFiles.read(path)).toBeUndefined()
    expect(await systemFiles.list(join(folder, 'nowhere'))).toEqual([])
  })

  it.skipIf(process.platform === 'win32')('lets the owner alone read secrets', async () => {
    const path = join(folder, 'secrets', 'token')
    await systemFiles.write(path, Uint8Array.of(1), { secret: true })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'secrets'))).mode & 0o777).toBe(0o700)
  })

  it('removes its temporary file when the write fails', async () => {
    const path = join(folder, 'taken')
    await systemFiles.write(join(path, 'inside'), Uint8Array.of(1))
    await expect(writeFileAtomic(path, Uint8Array.of(2))).rejects.toMatchObject({ name: 'StoreError' })
    expect(await readdir(folder)).toEqual(['taken'])
  })

  it('tells a full disk from a read-only one', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    expect(toStoreError(full, 'x')).toMatchObject({ code: 'disk-full' })
    const readOnly = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' })
    expect(toStoreError(readOnly, 'x')).toMatchObject({ code: 'read-only' })
    const level = new Error('Database failed to open', {
      cause: Object.assign(new Error('IO error: /x/000003.log: No space left on device'), { code: 'LEVEL_IO_ERROR' }),
    })
    expect(toStoreError(level, 'x')).toMatchObject({ code: 'disk-full' })
    expect(toStoreError(new Error('odd'), 'x')).toMatchObject({ code: 'failed' })
  })

  it.runIf(process.platform === 'linux')('gives up where a file system takes no folders', async () => {
    await expect(systemFiles.write('/proc/cheese/deep/file', new Uint8Array(1))).rejects.toMatchObject({ name: 'StoreError' })
  })

  it('does not read a folder as a file', async () => {
    await writeFile(join(folder, 'a'), '')
    await expect(systemFiles.read(folder)).rejects.toMatchObject({ name: 'StoreError', code: 'failed' })
  })
})

describe('folders', () => {
  it('follows each system', () => {
    expect(defaultDataDir('main', { platform: 'linux', env: {}, home: '/home/ann' })).toBe('/home/ann/.local/share/cheese-stack/main')
    expect(defaultDataDir('test', { platform: 'linux', env: { XDG_DATA_HOME: '/data' }, home: '/home/ann' })).toBe('/data/cheese-stack/test')
    expect(defaultDataDir('main', { platform: 'darwin', env: {}, home: '/Users/ann' })).toBe('/Users/ann/Library/Application Support/Cheese Stack/main')
    expect(defaultDataDir('main', { platform: 'win32', env: { APPDATA: '/roaming' }, home: '/x' })).toBe('/roaming/Cheese Stack/main')
  })
})

describe('clock, randomness, logger', () => {
  it('calls back once, and not at all when called off', async () => {
    let calls = 0
    const cancel = systemClock.after(0, () => {
      calls += 100
    })
    cancel()
    await new Promise<void>((resolve) => {
      systemClock.after(1, () => {
        calls++
        resolve()
      })
    })
    expect(calls).toBe(1)
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000)
  })

  it('gives fresh bytes', () => {
    expect(systemRandom.bytes(32)).toHaveLength(32)
    expect(systemRandom.bytes(32)).not.toEqual(systemRandom.bytes(32))
    expect(systemRandom.fraction()).toBeLessThan(1)
  })

  it('writes lines from its level up, with scope and details, and no control characters', () => {
    const lines: string[] = []
    const log = consoleLogger('info', (line) => lines.push(line))
      .child('net')
      .child('peer')
    log.debug('no')
    log.warn('said \u001b[31mred\nline', { nickname: 'a b\u0007', work: 12n })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\d{4}-[^ ]+Z warn {2}net\/peer: said \\u001b\[31mred\\u000aline nickname="a b\\u0007" work="12"\n$/)
  })
})

import { describe, expect, it } from 'vitest'
import type { Files } from '../util/files.ts'
import { type IpBytes, parseIp } from '../util/ip.ts'
import type { Logger } from '../util/ports.ts'
import type { TlsFiles } from './http.ts'
import type { Admission } from './places.ts'
import { WatchedFiles } from './watched.ts'

const at = (text: string) => parseIp(text) as IpBytes
const bytes = (text: string) => new TextEncoder().encode(text)

function setUp(stored: Record<string, string>, options: { allow?: string[]; block?: string[]; tls?: { cert: string; key: string } }) {
  const files: Files = {
    read: async (path) => (path in stored ? bytes(stored[path] as string) : undefined),
    write: async () => undefined,
    remove: async () => undefined,
    list: async () => [],
  }
  const errors: string[] = []
  const log: Logger = { debug() {}, info() {}, warn() {}, error: (message) => errors.push(message), child: () => log }
  const taken = { admissions: [] as Admission[], tls: [] as TlsFiles[] }
  const watched = new WatchedFiles({ files, log, ...options })
  const look = () => watched.look({ admission: (admission) => taken.admissions.push(admission), tls: (tls) => taken.tls.push(tls) })
  return { stored, errors, taken, watched, look }
}

describe('lists of who is served', () => {
  it('come from flags and from files, and files are looked at again', async () => {
    const { stored, taken, watched, look } = setUp({ 'bad.txt': '192.0.2.0/24\n' }, { block: ['198.51.100.1', 'bad.txt'] })
    const opened = await watched.open()
    if (!opened.ok) throw new Error(opened.error)
    const { admission } = opened.value
    expect(['198.51.100.1', '192.0.2.9', '203.0.113.1'].map((ip) => admission.admits(at(ip)))).toEqual([false, false, true])
    await look()
    expect(taken.admissions).toEqual([])
    stored['bad.txt'] = '203.0.113.0/24'
    await look()
    expect(taken.admissions).toHaveLength(1)
    expect(['198.51.100.1', '192.0.2.9', '203.0.113.1'].map((ip) => taken.admissions[0]?.admits(at(ip)))).toEqual([false, true, false])
  })

  it('stay as they were when a file gets lost or bad, which is said; and are taken when it is good again', async () => {
    const { stored, errors, taken, watched, look } = setUp({ list: '192.0.2.0/24' }, { allow: ['list'] })
    expect((await watched.open()).ok).toBe(true)
    stored.list = 'nonsense'
    await look()
    delete stored.list
    await look()
    expect(taken.admissions).toEqual([])
    expect(errors).toHaveLength(2)
    expect(errors[0]).toContain('line 1: “nonsense”')
    stored.list = '192.0.2.0/24'
    await look()
    expect(taken.admissions).toHaveLength(1)
  })

  it('must be good at the start', async () => {
    expect(await setUp({}, { block: ['nowhere.txt'] }).watched.open()).toEqual({
      ok: false,
      error: expect.stringContaining('“nowhere.txt” is neither an address'),
    })
    expect(await setUp({ list: 'x' }, { block: ['list'] }).watched.open()).toEqual({
      ok: false,
      error: expect.stringContaining('The list list is not good: line 1'),
    })
  })
})

describe('the certificate', () => {
  it('is handed on again when a file of it changed', async () => {
    const { stored, taken, watched, look } = setUp({ cert: 'C1', key: 'K1' }, { tls: { cert: 'cert', key: 'key' } })
    expect(await watched.open()).toMatchObject({ ok: true, value: { tls: { cert: bytes('C1'), key: bytes('K1') } } })
    await look()
    expect(taken.tls).toEqual([])
    stored.cert = 'C2'
    stored.key = 'K2'
    await look()
    expect(taken.tls).toEqual([{ cert: bytes('C2'), key: bytes('K2') }])
    expect(await setUp({ cert: 'C' }, { tls: { cert: 'cert', key: 'key' } }).watched.open()).toEqual({ ok: false, error: 'The file key cannot be read.' })
  })
})

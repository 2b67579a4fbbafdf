import { describe, expect, it } from 'vitest'
import type { Files } from '../util/files.ts'
import { silent } from '../util/ports.ts'
import { openIdentity } from './identity-file.ts'

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

function memoryFiles() {
  const kept = new Map<string, Uint8Array>()
  const secret = new Set<string>()
  const files: Files = {
    read: async (path) => kept.get(path),
    write: async (path, bytes, options) => {
      kept.set(path, bytes)
      if (options?.secret) secret.add(path)
    },
    remove: async (path) => void kept.delete(path),
    list: async () => [...kept.keys()],
  }
  return { files, kept, secret }
}

describe('the identity file', () => {
  it('keeps the id from one run to the next, as a secret', async () => {
    const { files, secret } = memoryFiles()
    const first = await openIdentity(files, 'identity.json', silent)
    const second = await openIdentity(files, 'identity.json', silent)
    expect(second.memberId).toBe(first.memberId)
    expect(second.keyPem).toBe(first.keyPem)
    expect(secret.has('identity.json')).toBe(true)
  })

  it('sets a damaged one aside and makes another', async () => {
    const { files, kept, secret } = memoryFiles()
    const first = await openIdentity(files, 'identity.json', silent)
    const damaged = new TextEncoder().encode(text(kept.get('identity.json')).replace('MIG', 'MIH'))
    kept.set('identity.json', damaged)
    const second = await openIdentity(files, 'identity.json', silent)
    expect(second.memberId).not.toBe(first.memberId)
    expect(kept.get('identity.json.damaged')).toEqual(damaged)
    expect(secret.has('identity.json.damaged')).toBe(true)
    expect((await openIdentity(files, 'identity.json', silent)).memberId).toBe(second.memberId)
  })
})

import { describe, expect, it } from 'vitest'
import { inlineVaultCipher } from '../wallet/age.ts'
import { openVaultCipher } from './vault-cipher.ts'

const workerUrl = new URL('./workers/vault.ts', import.meta.url)
const plain = new TextEncoder().encode('twelve words')

describe('the vault cipher in a worker', () => {
  it('seals and opens, and says when the passphrase is wrong or the file damaged', async () => {
    const cipher = openVaultCipher({ workerUrl, workFactor: 4 })
    const sealed = await cipher.seal(plain, 'correct horse')
    expect(new TextDecoder().decode(sealed.subarray(0, 21))).toBe('age-encryption.org/v1')
    expect(plain).toEqual(new TextEncoder().encode('twelve words'))
    expect(await cipher.open(sealed, 'correct horse')).toEqual({ ok: true, value: plain })
    expect(await cipher.open(sealed, 'wrong horse')).toEqual({ ok: false, error: 'wrong-passphrase' })
    expect(await cipher.open(sealed.subarray(0, -1), 'correct horse')).toEqual({ ok: false, error: 'damaged' })
    expect(await cipher.open(new Uint8Array(100), 'correct horse')).toEqual({ ok: false, error: 'damaged' })
    await cipher.close()
  }, 30_000)

  it('opens what the inline cipher sealed', async () => {
    const cipher = openVaultCipher({ workerUrl })
    const sealed = await inlineVaultCipher({ workFactor: 2 }).seal(plain, 'pässword')
    expect(await cipher.open(sealed, 'pa\u0308ssword')).toEqual({ ok: true, value: plain })
    await cipher.close()
  }, 30_000)

  it('fails one job when its thread dies, not the next', async () => {
    const broken = openVaultCipher({ workerUrl: new URL('./workers/none-such.ts', import.meta.url) })
    await expect(broken.seal(plain, 'correct horse')).rejects.toThrow()
    await expect(broken.seal(plain, 'correct horse')).rejects.toThrow()
    await broken.close()
    await expect(broken.open(plain, 'correct horse')).rejects.toThrow('closed')
  }, 30_000)

  it('gives up what is running when it is closed', async () => {
    const cipher = openVaultCipher({ workerUrl, workFactor: 20 })
    const sealing = cipher.seal(plain, 'correct horse')
    const outcome = expect(sealing).rejects.toThrow('ended early')
    // The worker is started one turn later.
    await Promise.resolve()
    await cipher.close()
    await outcome
  }, 30_000)
})

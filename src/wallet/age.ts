import { Decrypter, Encrypter } from 'age-encryption'
import type { Result } from '../util/result.ts'
import { err, ok } from '../util/result.ts'
import type { VaultCipher, VaultError } from './ports.ts'

/** scrypt's work factor, log2: what the age command line uses, about a second and 256 MiB. */
export const WORK_FACTOR = 18

/** An age file (age-encryption.org/v1, binary) that `passphrase` opens. Takes about a second at the usual work factor. */
export async function sealAge(plain: Uint8Array, passphrase: string, workFactor = WORK_FACTOR): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  encrypter.setPassphrase(canonical(passphrase))
  encrypter.setScryptWorkFactor(workFactor)
  return encrypter.encrypt(plain)
}

/**
 * What is in an age file. A file whose key part was changed cannot be told from a wrong passphrase; every other
 * damage is told apart.
 */
export async function openAge(sealed: Uint8Array, passphrase: string): Promise<Result<Uint8Array, VaultError>> {
  const decrypter = new Decrypter()
  decrypter.addPassphrase(canonical(passphrase))
  try {
    return ok(await decrypter.decrypt(sealed))
  } catch (error) {
    return err(error instanceof Error && error.message.startsWith('no identity matched') ? 'wrong-passphrase' : 'damaged')
  }
}

/** The cipher on the caller's own thread: for tests (with a low work factor) and one-shot commands. */
export function inlineVaultCipher(options: { readonly workFactor?: number } = {}): VaultCipher {
  return {
    seal: (plain, passphrase) => sealAge(plain, passphrase, options.workFactor),
    open: openAge,
    close: async () => {},
  }
}

/** Keyboards compose accents differently; the same passphrase must always be the same bytes. */
function canonical(passphrase: string): string {
  return passphrase.normalize('NFC')
}

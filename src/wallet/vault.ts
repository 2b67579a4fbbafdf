import { Failure } from '../api/errors.ts'
import { equalBytes } from '../util/bytes.ts'
import type { Files } from '../util/files.ts'
import type { VaultCipher } from './ports.ts'
import { parseWords } from './words.ts'

/** The vault: one age file with a passphrase, which the age command line opens too. Inside is JSON. */

export interface VaultContent {
  readonly version: 1
  readonly words: readonly string[]
  /** Unix seconds. */
  readonly createdAt: number
}

const MIN_PASSPHRASE = 8

/** Throws `WEAK_PASSPHRASE` for one that is too short to protect anything. */
export function checkPassphrase(passphrase: string): void {
  const length = [...passphrase.normalize('NFC')].length
  if (length < MIN_PASSPHRASE) {
    throw new Failure(
      'WEAK_PASSPHRASE',
      `The passphrase has ${length} ${length === 1 ? 'character' : 'characters'}; it needs at least ${MIN_PASSPHRASE}. Four or five unrelated words make a good one.`,
    )
  }
  if (passphrase.trim() === '' || new Set(passphrase).size === 1) {
    throw new Failure('WEAK_PASSPHRASE', 'The passphrase is one character over and over; anybody could guess it. Four or five unrelated words make a good one.')
  }
}

/** The vault file of a wallet folder. */
export class Vault {
  readonly #files: Files
  readonly #path: string
  readonly #cipher: VaultCipher

  constructor(files: Files, path: string, cipher: VaultCipher) {
    this.#files = files
    this.#path = path
    this.#cipher = cipher
  }

  async exists(): Promise<boolean> {
    return (await this.#files.read(this.#path)) !== undefined
  }

  /** Writes a new vault. Throws `WALLET_EXISTS` when there is one, whatever is in it. */
  async make(content: VaultContent, passphrase: string): Promise<void> {
    const sealed = await this.#seal(content, passphrase)
    await this.refuseExisting()
    await this.#write(sealed)
  }

  /** Throws `WALLET_EXISTS` when there is a vault. */
  async refuseExisting(): Promise<void> {
    if (!(await this.exists())) return
    throw new Failure(
      'WALLET_EXISTS',
      `There is a wallet already, and it is never overwritten: ${this.#path}. Unlock it, or use another data folder for another wallet.`,
    )
  }

  /** What is inside. Throws `WRONG_PASSPHRASE`, `WALLET_MISSING` or, for a damaged file, `STORE_DAMAGED`. */
  async open(passphrase: string): Promise<VaultContent> {
    const sealed = await this.#files.read(this.#path)
    if (!sealed) throw noWallet()
    const opened = await this.#cipher.open(sealed, passphrase)
    if (!opened.ok) throw opened.error === 'wrong-passphrase' ? wrongPassphrase() : this.#damaged()
    const content = decodeContent(opened.value)
    opened.value.fill(0)
    if (!content) throw this.#damaged()
    return content
  }

  /** Seals the same content with another passphrase. The old file is replaced only by one that was seen to open. */
  async reseal(oldPassphrase: string, newPassphrase: string): Promise<void> {
    const content = await this.open(oldPassphrase)
    const sealed = await this.#seal(content, newPassphrase)
    const check = await this.#cipher.open(sealed, newPassphrase)
    if (!check.ok || decodeContent(check.value)?.words.join(' ') !== content.words.join(' ')) {
      throw new Error('bug: a vault that was just sealed does not open')
    }
    check.value.fill(0)
    await this.#write(sealed)
  }

  async #seal(content: VaultContent, passphrase: string): Promise<Uint8Array> {
    const plain = new TextEncoder().encode(JSON.stringify(content))
    try {
      return await this.#cipher.seal(plain, passphrase)
    } finally {
      plain.fill(0)
    }
  }

  async #write(sealed: Uint8Array): Promise<void> {
    await this.#files.write(this.#path, sealed, { secret: true })
    const written = await this.#files.read(this.#path)
    if (!written || !equalBytes(written, sealed)) {
      throw new Failure(
        'STORE_DAMAGED',
        `The wallet file was written but does not read back as written: ${this.#path}. Check the disk before you rely on it; your words are your only copy.`,
      )
    }
  }

  #damaged(): Failure {
    return new Failure(
      'STORE_DAMAGED',
      `The wallet file is damaged: ${this.#path}. Your cheese is not lost: move that file away (keep it), then restore the wallet from its words, in the window or with "cheese restore".`,
    )
  }
}

export function noWallet(): Failure {
  return new Failure('WALLET_MISSING', 'There is no wallet yet. Create one, or restore one from its words.')
}

export function wrongPassphrase(): Failure {
  return new Failure(
    'WRONG_PASSPHRASE',
    'That is not the passphrase of this wallet. Check capitals and the keyboard layout and try again; nothing was changed.',
  )
}

function decodeContent(plain: Uint8Array): VaultContent | undefined {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { version, words, createdAt } = value as { version?: unknown; words?: unknown; createdAt?: unknown }
  if (version !== 1 || !Array.isArray(words) || typeof createdAt !== 'number') return undefined
  const parsed = parseWords(words.join(' '))
  return parsed.ok ? { version, words: parsed.value, createdAt } : undefined
}

import { Failure } from '../api/errors.ts'
import type { Params } from '../consensus/params.ts'
import { sign } from '../consensus/signature.ts'
import { equalBytes } from '../util/bytes.ts'
import type { Files } from '../util/files.ts'
import { checkNickname } from '../util/nickname.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import { type Draft, Drafts } from './drafts.ts'
import { deriveKeys, type Keys } from './keys.ts'
import type { Certify, VaultCipher } from './ports.ts'
import { decodeProfile, encodeProfile, type Profile } from './profile.ts'
import { checkPassphrase, noWallet, Vault, type VaultContent } from './vault.ts'
import { parseWords } from './words.ts'

export interface KeyringDeps {
  /** The wallet folder. */
  readonly dir: string
  readonly files: Files
  readonly params: Params
  readonly clock: Clock
  readonly random: Random
  readonly cipher: VaultCipher
  readonly certify: Certify
  /** Whether a kept certificate still fits (this member's id, say); one that does not is made anew. */
  readonly isCurrent?: (certificate: Uint8Array) => boolean
  readonly log: Logger
}

export type WalletState = 'none' | 'locked' | 'unlocked'

/** The open wallet: good during one call, then `secretKey` is wiped. */
export interface OpenWallet {
  readonly secretKey: Uint8Array
  readonly profile: Profile
}

/** How long `unlock` keeps the wallet open when nothing is said, seconds. */
export const UNLOCK_SECONDS = 300
/** A certificate is good for 90 days; after so many seconds it is renewed whenever the vault is open. */
export const RENEW_CERTIFICATE_SECONDS = 30 * 24 * 3600

/** Vault, profile and, while unlocked, the secret key. Everything that needs the passphrase goes through here. */
export class Keyring {
  readonly #deps: KeyringDeps
  readonly #vault: Vault
  readonly #profilePath: string
  readonly #drafts: Drafts
  readonly #queue = new SerialQueue()
  readonly #changed: () => void
  #hasVault: boolean
  #profile: Profile | undefined
  /** While unlocked. `until` in ms, or null = until it is locked. */
  #open: { readonly secretKey: Uint8Array; readonly until: number | null; readonly callOff: () => void } | undefined

  private constructor(deps: KeyringDeps, vault: Vault, hasVault: boolean, profile: Profile | undefined, changed: () => void) {
    this.#deps = deps
    this.#vault = vault
    this.#profilePath = `${deps.dir}/wallet.json`
    this.#drafts = new Drafts(deps.clock, deps.random)
    this.#hasVault = hasVault
    this.#profile = profile
    this.#changed = changed
  }

  /** @param changed called after state, address, nickname or certificate changed */
  static async open(deps: KeyringDeps, changed: () => void): Promise<Keyring> {
    const vault = new Vault(deps.files, `${deps.dir}/vault.age`, deps.cipher)
    const hasVault = await vault.exists()
    const bytes = await deps.files.read(`${deps.dir}/wallet.json`)
    const profile = bytes && decodeProfile(bytes, deps.params)
    if (bytes && !profile) deps.log.warn('wallet.json is damaged; it is made anew when the wallet is unlocked')
    if (!hasVault && profile) deps.log.warn('there is a wallet.json without vault.age: restore the wallet from its words', { dir: deps.dir })
    return new Keyring(deps, vault, hasVault, hasVault ? profile : undefined, changed)
  }

  get state(): WalletState {
    if (!this.#hasVault) return 'none'
    return this.#secret() ? 'unlocked' : 'locked'
  }

  /** What is known while locked; undefined without a wallet, and until the first unlock when wallet.json was lost. */
  get profile(): Profile | undefined {
    return this.#profile
  }

  /** Unix seconds at which it locks by itself; null while it is locked or stays open. */
  get unlockedUntil(): number | null {
    return this.#open && this.#open.until !== null ? Math.floor(this.#open.until / 1000) : null
  }

  draft(): Draft {
    if (this.#hasVault)
      throw new Failure('WALLET_EXISTS', 'There is a wallet already, and it is never overwritten. Use another data folder for another wallet.')
    return this.#drafts.draw()
  }

  async create(input: {
    readonly draft: string
    readonly answers: readonly string[]
    readonly passphrase: string
    readonly nickname: string
  }): Promise<Profile> {
    await this.#vault.refuseExisting()
    return this.#make(this.#drafts.check(input.draft, input.answers), input.passphrase, input.nickname)
  }

  async restore(input: { readonly words: string; readonly passphrase: string; readonly nickname: string }): Promise<Profile> {
    await this.#vault.refuseExisting()
    const words = parseWords(input.words)
    if (!words.ok) throw new Failure('BAD_WORDS', words.error)
    return this.#make(words.value, input.passphrase, input.nickname)
  }

  /**
   * Opens the wallet for `seconds` (0: only checks the passphrase), or with null until it is locked. A wallet that
   * stays open does not get a limit by being unlocked again. Returns when it locks, Unix seconds, or null.
   */
  async unlock(passphrase: string, seconds: number | null = UNLOCK_SECONDS): Promise<number | null> {
    return this.#withKeys(passphrase, async (keys) => {
      const now = this.#deps.clock.now()
      if (seconds === 0) return Math.floor(now / 1000)
      const endless = seconds === null || (this.#open && this.#open.until === null)
      this.#keep(keys.secretKey.slice(), endless ? null : now + seconds * 1000)
      return this.unlockedUntil
    })
  }

  /** Wipes the secret key. Does nothing when it is locked. */
  lock(): void {
    if (!this.#open) return
    this.#open.callOff()
    this.#open.secretKey.fill(0)
    this.#open = undefined
    this.#changed()
  }

  /** The words, after the passphrase. */
  async words(passphrase: string): Promise<readonly string[]> {
    return (await this.#vault.open(passphrase)).words
  }

  async changePassphrase(passphrase: string, next: string): Promise<void> {
    await this.#queue.run(async () => {
      if (!(await this.#vault.exists())) throw noWallet()
      checkPassphrase(next)
      await this.#vault.reseal(passphrase, next)
    })
  }

  /** Changes the nickname and its certificate: needs an open wallet or the passphrase. */
  async setNickname(nickname: string, passphrase?: string): Promise<string> {
    const name = validNickname(nickname)
    await this.withSecret(passphrase, 'change the nickname', ({ secretKey, profile }) => this.#certify({ ...profile, nickname: name }, secretKey))
    return name
  }

  /**
   * Runs `job` with the secret key: of the vault when there is a passphrase (a wrong one is refused even while unlocked),
   * else of the open wallet. The key is wiped afterwards. Throws `WALLET_MISSING`, `WALLET_LOCKED` or `WRONG_PASSPHRASE`.
   * @param purpose for the message: "send", "change the nickname"
   */
  async withSecret<T>(passphrase: string | undefined, purpose: string, job: (open: OpenWallet) => Promise<T>): Promise<T> {
    if (passphrase !== undefined) return this.#withKeys(passphrase, ({ secretKey }, profile) => job({ secretKey, profile }))
    if (!this.#hasVault) throw noWallet()
    const secret = this.#secret()
    const profile = this.#profile
    if (!secret || !profile) throw locked(purpose)
    const copy = secret.slice()
    try {
      return await job({ secretKey: copy, profile })
    } finally {
      copy.fill(0)
    }
  }

  /** Renews the certificate if it is old or names another nickname, and the wallet is open. */
  async renewCertificate(): Promise<void> {
    if (this.#profile && this.#certificateIsGood(this.#profile)) return
    if (this.state === 'unlocked') await this.withSecret(undefined, 'renew the certificate', ({ secretKey, profile }) => this.#certify(profile, secretKey))
  }

  /** Waits for what is being written and locks. */
  async close(): Promise<void> {
    await this.#queue.idle()
    this.lock()
    this.#drafts.clear()
  }

  async #make(words: readonly string[], passphrase: string, nickname: string): Promise<Profile> {
    checkPassphrase(passphrase)
    const name = validNickname(nickname)
    return this.#queue.run(async () => {
      const createdAt = Math.floor(this.#deps.clock.now() / 1000)
      const keys = await deriveKeys(words, this.#deps.params)
      try {
        const content: VaultContent = { version: 1, words, createdAt }
        await this.#vault.make(content, passphrase)
        this.#hasVault = true
        this.#drafts.clear()
        const profile = { address: keys.address, publicKey: keys.publicKey, nickname: name, certificate: undefined, createdAt }
        await this.#certify(profile, keys.secretKey)
        return profile
      } finally {
        keys.secretKey.fill(0)
        this.#changed()
      }
    })
  }

  /** Opens the vault, sees to profile and certificate, and runs `job`; the keys are wiped afterwards. */
  async #withKeys<T>(passphrase: string, job: (keys: Keys, profile: Profile) => Promise<T>): Promise<T> {
    const content = await this.#vault.open(passphrase)
    const keys = await deriveKeys(content.words, this.#deps.params)
    try {
      const profile = await this.#settle(keys, content)
      return await job(keys, profile)
    } finally {
      keys.secretKey.fill(0)
    }
  }

  /** The profile that belongs to the vault; made anew when it was lost, damaged or another wallet's. */
  async #settle(keys: Keys, content: VaultContent): Promise<Profile> {
    const known = this.#profile
    if (known && equalBytes(known.publicKey, keys.publicKey)) {
      if (this.#certificateIsGood(known)) return known
      return this.#certify(known, keys.secretKey)
    }
    if (known) this.#deps.log.warn('wallet.json named another key than the vault and is made anew')
    const nickname = known?.nickname ?? `cheese ${keys.publicKey[0]?.toString(16).padStart(2, '0')}${keys.publicKey[1]?.toString(16).padStart(2, '0')}`
    return this.#certify({ address: keys.address, publicKey: keys.publicKey, nickname, certificate: undefined, createdAt: content.createdAt }, keys.secretKey)
  }

  #certificateIsGood({ certificate, nickname }: Profile): boolean {
    if (!certificate || certificate.nickname !== nickname) return false
    const age = this.#deps.clock.now() / 1000 - certificate.madeAt
    if (age > RENEW_CERTIFICATE_SECONDS || age < -600) return false
    return this.#deps.isCurrent?.(certificate.bytes) ?? true
  }

  /** Signs a certificate for `profile` and writes both. */
  async #certify(profile: Profile, secretKey: Uint8Array): Promise<Profile> {
    const { certify, clock, random, files, params } = this.#deps
    const bytes = certify({ nickname: profile.nickname, publicKey: profile.publicKey, sign: (hash) => sign(hash, secretKey, random.bytes(32)) })
    const certified = { ...profile, certificate: { bytes, madeAt: Math.floor(clock.now() / 1000), nickname: profile.nickname } }
    await files.write(this.#profilePath, encodeProfile(certified, params))
    this.#profile = certified
    this.#changed()
    return certified
  }

  #keep(secretKey: Uint8Array, until: number | null): void {
    this.#open?.callOff()
    this.#open?.secretKey.fill(0)
    const callOff = until === null ? () => {} : this.#deps.clock.after(Math.max(0, until - this.#deps.clock.now()), () => this.lock())
    this.#open = { secretKey, until, callOff }
    this.#changed()
  }

  /** The open wallet's key. Its timer may be late (a machine that slept), so the time is looked at too. */
  #secret(): Uint8Array | undefined {
    const late = this.#open && this.#open.until !== null && this.#deps.clock.now() >= this.#open.until
    return late ? undefined : this.#open?.secretKey
  }
}

function locked(purpose: string): Failure {
  return new Failure(
    'WALLET_LOCKED',
    `The wallet is locked. To ${purpose}, unlock it first or give the passphrase with it (on the command line: --passphrase-file FILE, or type it when asked on a terminal).`,
  )
}

function validNickname(nickname: string): string {
  const checked = checkNickname(nickname)
  if (!checked.ok) throw new Failure('BAD_INPUT', checked.error)
  if (/^[rt]?cheese1/i.test(checked.value)) throw new Failure('BAD_INPUT', 'A nickname cannot begin like an address: choose another.')
  return checked.value
}

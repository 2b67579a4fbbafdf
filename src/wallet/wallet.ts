import { Failure } from '../api/errors.ts'
import type { Balance, Contact, HistoryEntry, Journey, Review, SendInput, Sent } from '../api/schemas.ts'
import type { Params } from '../consensus/params.ts'
import { toHex, tryFromHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import type { Files } from '../util/files.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import type { Store } from '../util/store.ts'
import { Contacts, requireAddress } from './contacts.ts'
import type { Draft } from './drafts.ts'
import { History } from './history.ts'
import { Keyring, type WalletState } from './keyring.ts'
import { Ledger } from './ledger.ts'
import type { Certify, ChainPort, DirectoryPort, VaultCipher } from './ports.ts'
import { type Recipient, Recipients } from './recipients.ts'
import { Sends } from './sends.ts'
import { SentStore } from './sent.ts'
import { Sharing } from './sharing.ts'
import { noWallet } from './vault.ts'

export interface WalletDeps {
  /** The wallet folder: vault.age, wallet.json and contacts.json. */
  readonly dir: string
  readonly files: Files
  /** For sent records. The caller closes it, after `close`. */
  readonly store: Store
  readonly chain: ChainPort
  readonly directory: DirectoryPort
  readonly params: Params
  readonly clock: Clock
  readonly random: Random
  /** The caller closes it, after `close`. */
  readonly cipher: VaultCipher
  readonly certify: Certify
  /** Whether a certificate that was kept still fits this member; one that does not is made anew at the next unlock. */
  readonly isCurrent?: (certificate: Uint8Array) => boolean
  readonly log: Logger
}

export interface WalletEvents {
  /** State, address, nickname or certificate changed. */
  readonly changed: undefined
  /** History or balance may have changed. */
  readonly history: undefined
  readonly contacts: undefined
}

/** A member's wallet: one account, its words in a vault. Amounts cross its border as strings of crumbs, addresses as Bech32m. */
export class Wallet {
  readonly events: Emitter<WalletEvents>
  readonly #deps: WalletDeps
  readonly #keyring: Keyring
  readonly #contacts: Contacts
  readonly #recipients: Recipients
  readonly #sends: Sends
  readonly #history: History
  readonly #sharing: Sharing
  readonly #ends: (() => void)[] = []
  #ledger: { readonly address: string; readonly opened: Promise<Ledger> } | undefined

  private constructor(deps: WalletDeps, events: Emitter<WalletEvents>, keyring: Keyring, contacts: Contacts) {
    const { chain, params, clock, random, log, directory } = deps
    this.events = events
    this.#deps = deps
    this.#keyring = keyring
    this.#contacts = contacts
    this.#recipients = new Recipients({ contacts, directory, params, ownNickname: () => keyring.profile?.nickname })
    this.#history = new History({ chain, params, nameOf: (address) => this.#recipients.nameOf(address) })
    this.#sends = new Sends({
      chain,
      params,
      clock,
      random,
      log,
      contacts,
      recipients: this.#recipients,
      ledger: () => this.#requireLedger(),
      isKnown: () => keyring.profile !== undefined,
      withSecret: (passphrase, purpose, job) => keyring.withSecret(passphrase, purpose, job),
      changed: () => events.emit('history', undefined),
    })
    this.#sharing = new Sharing({
      clock,
      random,
      log,
      sends: this.#sends,
      ledger: () => this.#knownLedger(),
      alsoThen: () => keyring.renewCertificate(),
    })
  }

  /** Opens the wallet folder, which may be empty, and shares again what was not confirmed. Throws `DATA_OTHER_NETWORK`. */
  static async open(deps: WalletDeps): Promise<Wallet> {
    const { dir, files, params, clock, log } = deps
    const events = new Emitter<WalletEvents>((error) => log.error('a handler of the wallet failed', { error: String(error) }))
    const keyring = await Keyring.open(deps, () => events.emit('changed', undefined))
    const contacts = await Contacts.open({ path: `${dir}/contacts.json`, files, params, clock, log, changed: () => events.emit('contacts', undefined) })
    const wallet = new Wallet(deps, events, keyring, contacts)
    wallet.#follow()
    return wallet
  }

  get state(): WalletState {
    return this.#keyring.state
  }

  /** 20 bytes: what mining pays to, also while locked. */
  get address(): Uint8Array | undefined {
    return this.#keyring.profile?.address
  }

  /** x-only, 32 bytes. */
  get publicKey(): Uint8Array | undefined {
    return this.#keyring.profile?.publicKey
  }

  get nickname(): string | undefined {
    return this.#keyring.profile?.nickname
  }

  /** The latest certificate's bytes, as `certify` gave them. */
  get certificate(): Uint8Array | undefined {
    return this.#keyring.profile?.certificate?.bytes
  }

  /** Unix seconds at which an open wallet locks by itself, or null. */
  get unlockedUntil(): number | null {
    return this.#keyring.unlockedUntil
  }

  /** New words, kept in memory until `create` quotes the three asked for. */
  draft(): Draft {
    return this.#keyring.draft()
  }

  async create(input: { readonly draft: string; readonly answers: readonly string[]; readonly passphrase: string; readonly nickname: string }): Promise<void> {
    await this.#keyring.create(input)
  }

  async restore(input: { readonly words: string; readonly passphrase: string; readonly nickname: string }): Promise<void> {
    await this.#keyring.restore(input)
  }

  /** Opens it for `seconds` (five minutes when left out; 0 only checks the passphrase). Returns when it locks, Unix seconds, or null for never. */
  async unlock(passphrase: string, seconds?: number): Promise<number | null> {
    return this.#keyring.unlock(passphrase, seconds)
  }

  /** Opens it until `lock` or `close`. */
  async keepUnlocked(passphrase: string): Promise<void> {
    await this.#keyring.unlock(passphrase, null)
  }

  lock(): void {
    this.#keyring.lock()
  }

  async words(passphrase: string): Promise<readonly string[]> {
    return this.#keyring.words(passphrase)
  }

  /** Returns the nickname as it is kept. */
  async setNickname(nickname: string, passphrase?: string): Promise<string> {
    return this.#keyring.setNickname(nickname, passphrase)
  }

  async changePassphrase(passphrase: string, next: string): Promise<void> {
    await this.#keyring.changePassphrase(passphrase, next)
  }

  async review(input: SendInput): Promise<Review> {
    return this.#sends.review(input)
  }

  async send(input: SendInput, passphrase?: string): Promise<Sent> {
    return this.#sends.send(input, passphrase)
  }

  /** Puts a higher fee (crumbs, whole) on a waiting transfer. */
  async replace(id: string, fee: bigint, passphrase?: string): Promise<Sent> {
    return this.#sends.replace(id, fee, passphrase)
  }

  /** Spends a waiting transfer's sequence on one crumb to ourselves. */
  async cancel(id: string, passphrase?: string): Promise<Sent> {
    return this.#sends.cancel(id, passphrase)
  }

  /** Latest first; empty without a wallet. */
  async history({ offset = 0, limit = 100 }: { readonly offset?: number; readonly limit?: number } = {}): Promise<{ total: number; entries: HistoryEntry[] }> {
    const ledger = await this.#knownLedger()
    return ledger ? this.#history.page(ledger, { offset, limit }) : { total: 0, entries: [] }
  }

  async journey(idHex: string): Promise<Journey> {
    return this.#history.journey(await this.#requireLedger(), idHex)
  }

  /** Zeros without a wallet. */
  async balance(): Promise<Balance> {
    const ledger = await this.#knownLedger()
    if (!ledger) return { spendable: '0', ripening: '0', pending: '0' }
    const { spendable, ripening, pending } = ledger.balance()
    return { spendable: String(spendable), ripening: String(ripening), pending: String(pending) }
  }

  contacts(): Contact[] {
    return this.#contacts.list().map((contact) => this.#contacts.view(contact))
  }

  /** Adds a contact; its key is pinned at once when given (hex) or when a member who is online lists the address. */
  async addContact(input: { readonly name: string; readonly address: string; readonly key?: string }): Promise<Contact> {
    const address = requireAddress(input.address, this.#deps.params)
    const listed = this.#recipients.memberAt(address)?.paymentKey
    const given = input.key === undefined ? undefined : tryFromHex(input.key)
    if (input.key !== undefined && given?.length !== 32) throw new Failure('BAD_INPUT', 'A payment key is 64 hex digits; leave it out if you do not have it.')
    return this.#contacts.view(await this.#contacts.add({ name: input.name, address: input.address, key: given ?? listed }))
  }

  async removeContact(name: string): Promise<void> {
    await this.#contacts.remove(name)
  }

  /** Who is meant by an address, a contact's name or a nickname. Throws a `Failure`, see `Recipients.resolve`. */
  resolve(to: string): Recipient {
    return this.#recipients.resolve(to)
  }

  /** The contact's or member's name for an address, or null. */
  nameOf(address: Uint8Array): string | null {
    return this.#recipients.nameOf(address)
  }

  /** Name of the contact at an address, or null. */
  contactAt(address: Uint8Array): string | null {
    return this.#contacts.byAddress(address)?.name ?? null
  }

  /** What is odd about the nicknames of members who are online, by member id. */
  memberWarnings(): ReadonlyMap<string, string> {
    return this.#recipients.memberWarnings()
  }

  /** Renews the certificate where it is due and the wallet open: to be called when `isCurrent` may answer otherwise than before. */
  async renewCertificate(): Promise<void> {
    await this.#keyring.renewCertificate()
  }

  /** Stops following the stack, waits for what is being written, and locks. */
  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end()
    await this.#sharing.close()
    await this.#sends.idle()
    await this.#contacts.idle()
    await this.#keyring.close()
    await this.#ledger?.opened.catch(() => undefined)
  }

  #follow(): void {
    const { chain } = this.#deps
    this.#ends.push(
      chain.onTip(() => {
        this.events.emit('history', undefined)
        this.#sharing.share(false)
      }),
      chain.onMempool(() => this.events.emit('history', undefined)),
      this.events.on('changed', () => this.#sharing.share(false)),
    )
    this.#sharing.share(false)
  }

  async #requireLedger(): Promise<Ledger> {
    const ledger = await this.#knownLedger()
    if (ledger) return ledger
    if (this.state === 'none') throw noWallet()
    throw new Failure(
      'WALLET_LOCKED',
      'The wallet is locked and its public part was lost: unlock it once and that is made anew (on the command line: --passphrase-file FILE).',
    )
  }

  /** The ledger of the present account, opened when it is first needed; undefined while no account is known. */
  async #knownLedger(): Promise<Ledger | undefined> {
    const profile = this.#keyring.profile
    if (!profile) return undefined
    const address = toHex(profile.address)
    if (this.#ledger?.address !== address) {
      const { chain, params, store, log } = this.#deps
      const opened = Ledger.open(chain, params, new SentStore(store, profile.address, params, log), profile)
      this.#ledger = { address, opened }
      opened.catch(() => {
        this.#ledger = undefined
      })
    }
    return this.#ledger?.opened
  }
}

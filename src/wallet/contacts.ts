import { Failure } from '../api/errors.ts'
import type { Contact as ContactView } from '../api/schemas.ts'
import { addressOf, formatAddress, parseAddress } from '../consensus/address.ts'
import type { Params } from '../consensus/params.ts'
import { equalBytes, toHex, tryFromHex } from '../util/bytes.ts'
import type { Files } from '../util/files.ts'
import { checkNickname } from '../util/nickname.ts'
import type { Clock, Logger } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'

export interface Contact {
  readonly name: string
  /** 20 bytes. */
  readonly address: Uint8Array
  /** x-only payment key whose address this is; undefined until it is known. */
  readonly pinnedKey: Uint8Array | undefined
  /** Unix seconds. */
  readonly addedAt: number
}

export interface ContactsDeps {
  readonly path: string
  readonly files: Files
  readonly params: Params
  readonly clock: Clock
  readonly log: Logger
  readonly changed: () => void
}

/** contacts.json: names for addresses of this network. Names are unique whatever their case, and so are addresses. */
export class Contacts {
  readonly #deps: ContactsDeps
  readonly #queue = new SerialQueue()
  #contacts: readonly Contact[]

  private constructor(deps: ContactsDeps, contacts: readonly Contact[]) {
    this.#deps = deps
    this.#contacts = contacts
  }

  /** Reads the contacts. A file that is damaged is kept under another name, and the list starts anew. */
  static async open(deps: ContactsDeps): Promise<Contacts> {
    const bytes = await deps.files.read(deps.path)
    if (!bytes) return new Contacts(deps, [])
    const contacts = decodeContacts(bytes, deps.params)
    if (!contacts) {
      const kept = `${deps.path}.damaged-${deps.clock.now()}`
      await deps.files.write(kept, bytes)
      deps.log.warn(`the contacts are damaged; the file is kept as ${kept}`)
    }
    return new Contacts(deps, contacts ?? [])
  }

  /** Every contact, by name. */
  list(): readonly Contact[] {
    return this.#contacts
  }

  byName(name: string): Contact | undefined {
    const key = nameKey(name)
    return this.#contacts.find((contact) => nameKey(contact.name) === key)
  }

  byAddress(address: Uint8Array): Contact | undefined {
    return this.#contacts.find((contact) => equalBytes(contact.address, address))
  }

  /** Adds a contact and keeps it. Throws `BAD_INPUT`, `BAD_ADDRESS` or `OTHER_NETWORK`. */
  async add(input: { readonly name: string; readonly address: string; readonly key?: Uint8Array | undefined }): Promise<Contact> {
    const name = validName(input.name)
    const address = requireAddress(input.address, this.#deps.params)
    if (input.key && !equalBytes(addressOf(input.key), address)) {
      throw new Failure('BAD_INPUT', `That key does not belong to ${input.address.trim()}. Ask for the address again, or add the contact without a key.`)
    }
    return this.#queue.run(async () => {
      const sameName = this.byName(name)
      if (sameName)
        throw new Failure(
          'BAD_INPUT',
          `There is a contact named "${sameName.name}" already, for ${this.#text(sameName)}. Choose another name, or remove that contact first.`,
        )
      const sameAddress = this.byAddress(address)
      if (sameAddress) throw new Failure('BAD_INPUT', `This address is in your contacts already, as "${sameAddress.name}".`)
      const contact = { name, address, pinnedKey: input.key, addedAt: Math.floor(this.#deps.clock.now() / 1000) }
      await this.#write([...this.#contacts, contact])
      return contact
    })
  }

  /** Throws `NOT_FOUND`. */
  async remove(name: string): Promise<void> {
    await this.#queue.run(async () => {
      const contact = this.byName(name)
      if (!contact) throw new Failure('NOT_FOUND', `There is no contact named "${name}".`)
      await this.#write(this.#contacts.filter((other) => other !== contact))
    })
  }

  /**
   * After a payment to a member: pins the key to the contact of that address, or makes one under the nickname, so that a
   * later change of key is noticed. Does nothing when the name is taken.
   */
  async pin(member: { readonly nickname: string; readonly address: Uint8Array; readonly paymentKey: Uint8Array }): Promise<void> {
    if (!equalBytes(addressOf(member.paymentKey), member.address)) return
    await this.#queue.run(async () => {
      const known = this.byAddress(member.address)
      if (known?.pinnedKey) return
      if (known) {
        await this.#write(this.#contacts.map((contact) => (contact === known ? { ...contact, pinnedKey: member.paymentKey } : contact)))
      } else if (checkNickname(member.nickname).ok && !looksLikeAddress(member.nickname) && !this.byName(member.nickname)) {
        const contact = { name: member.nickname, address: member.address, pinnedKey: member.paymentKey, addedAt: Math.floor(this.#deps.clock.now() / 1000) }
        await this.#write([...this.#contacts, contact])
      }
    })
  }

  view(contact: Contact): ContactView {
    return { name: contact.name, address: this.#text(contact), pinnedKey: contact.pinnedKey ? toHex(contact.pinnedKey) : null, addedAt: contact.addedAt }
  }

  async idle(): Promise<void> {
    await this.#queue.idle()
  }

  async #write(contacts: readonly Contact[]): Promise<void> {
    const sorted = [...contacts].sort((a, b) => a.name.localeCompare(b.name))
    const json = { version: 1, network: this.#deps.params.network, contacts: sorted.map((contact) => this.view(contact)) }
    await this.#deps.files.write(this.#deps.path, new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`))
    this.#contacts = sorted
    this.#deps.changed()
  }

  #text(contact: Contact): string {
    return formatAddress(contact.address, this.#deps.params)
  }
}

/** Whether a text is meant as an address of some network, rather than as a name. */
export function looksLikeAddress(text: string): boolean {
  return /^[rt]?cheese1/i.test(text.trim())
}

/** The 20 bytes of an address of this network. Throws `BAD_ADDRESS` or `OTHER_NETWORK`. */
export function requireAddress(text: string, params: Params): Uint8Array {
  const parsed = parseAddress(text.trim(), params)
  if (!parsed.ok) throw new Failure(parsed.error.code === 'other-network' ? 'OTHER_NETWORK' : 'BAD_ADDRESS', parsed.error.message)
  return parsed.value
}

/** Names that differ in case or composition alone are one. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

function validName(text: string): string {
  const checked = checkNickname(text)
  if (!checked.ok) throw new Failure('BAD_INPUT', checked.error.replace('nickname', 'name'))
  if (looksLikeAddress(checked.value)) throw new Failure('BAD_INPUT', 'A contact cannot be named like an address: choose another name.')
  return checked.value
}

function decodeContacts(bytes: Uint8Array, params: Params): readonly Contact[] | undefined {
  try {
    const { version, contacts } = JSON.parse(new TextDecoder().decode(bytes)) as { version?: unknown; contacts?: unknown }
    if (version !== 1 || !Array.isArray(contacts)) return undefined
    return contacts.map((json: Record<string, unknown>) => {
      const { name, address, pinnedKey, addedAt } = json
      if (typeof name !== 'string' || typeof address !== 'string' || typeof addedAt !== 'number') throw new Error('a contact lacks a field')
      const parsed = parseAddress(address, params)
      const key = typeof pinnedKey === 'string' ? tryFromHex(pinnedKey) : undefined
      if (!parsed.ok || (typeof pinnedKey === 'string' && key?.length !== 32)) throw new Error('a contact holds no address or key')
      return { name, address: parsed.value, pinnedKey: key, addedAt }
    })
  } catch {
    return undefined
  }
}

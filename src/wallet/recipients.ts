import { Failure } from '../api/errors.ts'
import { formatAddress } from '../consensus/address.ts'
import type { Params } from '../consensus/params.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import { skeleton } from '../util/nickname.ts'
import { type Contact, type Contacts, looksLikeAddress, nameKey, requireAddress } from './contacts.ts'
import type { DirectoryPort, ListedMember } from './ports.ts'

export interface Recipient {
  /** 20 bytes. */
  readonly address: Uint8Array
  /** Contact's or member's name, or null for a bare address. */
  readonly name: string | null
  /** The member who lists this address now, if there is one. */
  readonly member: ListedMember | undefined
  /** What a person should see before paying. */
  readonly warnings: readonly string[]
}

export interface RecipientsDeps {
  readonly contacts: Contacts
  readonly directory: DirectoryPort
  readonly params: Params
  /** What this member calls itself, if it has a name. */
  readonly ownNickname: () => string | undefined
}

interface KnownName {
  readonly kind: 'contact' | 'member'
  readonly name: string
  readonly address: Uint8Array
}

/** Who is meant by an address, a contact's name or a member's nickname. */
export class Recipients {
  readonly #contacts: Contacts
  readonly #directory: DirectoryPort
  readonly #params: Params
  readonly #ownNickname: () => string | undefined

  constructor({ contacts, directory, params, ownNickname }: RecipientsDeps) {
    this.#contacts = contacts
    this.#directory = directory
    this.#params = params
    this.#ownNickname = ownNickname
  }

  /**
   * Throws `BAD_ADDRESS`, `OTHER_NETWORK`, `UNKNOWN_RECIPIENT`, `AMBIGUOUS_RECIPIENT` (with `data.candidates`), or
   * `KEY_CHANGED` when a contact's name is now borne by members of other keys alone.
   */
  resolve(to: string): Recipient {
    const text = to.trim()
    if (text === '') throw new Failure('BAD_INPUT', 'Whom shall this go to? Give an address, a contact or the nickname of a member.')
    if (looksLikeAddress(text)) return this.#byAddress(requireAddress(text, this.#params))
    const contact = this.#contacts.byName(text)
    return contact ? this.#byContact(contact) : this.#byNickname(text)
  }

  /**
   * As `resolve`, for a payment that is made at once: a nickname that could be taken for another's is refused with
   * `AMBIGUOUS_RECIPIENT`, since nobody has read the warning. A contact's name or an address was chosen with open eyes.
   */
  resolveForPayment(to: string): Recipient {
    const recipient = this.resolve(to)
    const { address, member, warnings } = recipient
    const isChosen = looksLikeAddress(to) || this.#contacts.byName(to.trim()) !== undefined || this.#contacts.byAddress(address) !== undefined
    if (isChosen || !member || warnings.length === 0) return recipient
    throw new Failure('AMBIGUOUS_RECIPIENT', `${warnings.join(' ')} Make sure whom you mean, then pay by address: ${this.#text(address)}.`, {
      candidates: this.#candidates([member]),
    })
  }

  /** The contact's name for an address, else the nickname of the member who lists it, else null. */
  nameOf(address: Uint8Array): string | null {
    return this.#contacts.byAddress(address)?.name ?? this.memberAt(address)?.nickname ?? null
  }

  /** What is odd about the nicknames of members who are online, by member id: for a list of members. */
  memberWarnings(): ReadonlyMap<string, string> {
    const names = this.#names()
    const warnings = new Map<string, string>()
    for (const member of this.#directory.members()) {
      const found = this.#nameWarnings(member.nickname, member.address, names)
      if (found.length > 0) warnings.set(member.memberId, found.join(' '))
    }
    return warnings
  }

  #byAddress(address: Uint8Array): Recipient {
    const name = this.nameOf(address)
    return { address, name, member: this.memberAt(address), warnings: name === null ? [] : this.#nameWarnings(name, address) }
  }

  #byContact(contact: Contact): Recipient {
    const namesakes = this.#membersNamed(contact.name)
    if (contact.pinnedKey && namesakes.length > 0 && !namesakes.some((member) => equalBytes(member.address, contact.address))) {
      throw new Failure(
        'KEY_CHANGED',
        `The member who now goes by "${contact.name}" has another key than the contact that you paid before: it may be somebody else, or ${contact.name} has a new wallet. Ask ${contact.name} in another way, then pay by address: ` +
          `the contact's is ${this.#text(contact.address)}, the member's is ${namesakes.map((member) => this.#text(member.address)).join(' or ')}.`,
        { contact: { name: contact.name, address: this.#text(contact.address) }, candidates: this.#candidates(namesakes) },
      )
    }
    return { address: contact.address, name: contact.name, member: this.memberAt(contact.address), warnings: this.#nameWarnings(contact.name, contact.address) }
  }

  #byNickname(nickname: string): Recipient {
    const found = this.#membersNamed(nickname)
    const [first] = found
    if (!first) {
      if (nameKey(this.#ownNickname() ?? '') === nameKey(nickname))
        throw new Failure(
          'UNKNOWN_RECIPIENT',
          `"${nickname}" is you, and nobody else is known by that name. Choose somebody else; to pay yourself, give your own address.`,
        )
      throw new Failure(
        'UNKNOWN_RECIPIENT',
        `Nobody is known as "${nickname.slice(0, 60)}": no contact has that name, and no member who is online. Check the name, or give an address; one on this network begins with ${this.#params.hrp}1.`,
      )
    }
    if (found.length > 1) {
      throw new Failure(
        'AMBIGUOUS_RECIPIENT',
        `${found.length} members are called "${first.nickname}". Say which one by address: ${found.map((member) => this.#text(member.address)).join(' or ')}.`,
        {
          candidates: this.#candidates(found),
        },
      )
    }
    const known = this.#contacts.byAddress(first.address)
    return { address: first.address, name: known?.name ?? first.nickname, member: first, warnings: this.#nameWarnings(first.nickname, first.address) }
  }

  /** Whose name could be taken for this one. */
  #nameWarnings(name: string, address: Uint8Array, names = this.#names()): string[] {
    const warnings: string[] = []
    for (const known of names.get(skeleton(name)) ?? []) {
      if (equalBytes(known.address, address)) continue
      const other = this.#text(known.address)
      if (known.kind === 'contact') warnings.push(`"${name}" looks like your contact "${known.name}", but has another address: the contact's is ${other}.`)
      else if (nameKey(known.name) === nameKey(name)) warnings.push(`Another member is called "${known.name}" too, with another address: ${other}.`)
      else warnings.push(`"${name}" looks like the member "${known.name}", who has another address: ${other}.`)
    }
    return warnings
  }

  /** Every name of a contact or a member, by what eyes see of it. */
  #names(): ReadonlyMap<string, readonly KnownName[]> {
    const names = new Map<string, KnownName[]>()
    const add = (known: KnownName) => {
      const seen = skeleton(known.name)
      names.set(seen, [...(names.get(seen) ?? []), known])
    }
    for (const { name, address } of this.#contacts.list()) add({ kind: 'contact', name, address })
    for (const { nickname, address } of this.#members()) add({ kind: 'member', name: nickname, address })
    return names
  }

  #membersNamed(nickname: string): ListedMember[] {
    const key = nameKey(nickname)
    return this.#members().filter((member) => nameKey(member.nickname) === key)
  }

  /** The member who lists an address now. */
  memberAt(address: Uint8Array): ListedMember | undefined {
    return this.#members().find((member) => equalBytes(member.address, address))
  }

  /** Members, once per name and address: a person may run several. */
  #members(): ListedMember[] {
    const once = new Map<string, ListedMember>()
    for (const member of this.#directory.members()) {
      const key = `${toHex(member.address)}:${nameKey(member.nickname)}`
      if (!once.has(key)) once.set(key, member)
    }
    return [...once.values()]
  }

  #candidates(members: readonly ListedMember[]): readonly { nickname: string; address: string; memberId: string }[] {
    return members.map(({ nickname, address, memberId }) => ({ nickname, address: this.#text(address), memberId }))
  }

  #text(address: Uint8Array): string {
    return formatAddress(address, this.#params)
  }
}

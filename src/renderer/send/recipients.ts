import type { Contact, MemberEntry } from '../../api/schemas.ts'

/** Somebody who can be paid, as the list on the send page shows them. */
export interface Recipient {
  readonly kind: 'member' | 'contact'
  readonly key: string
  readonly name: string
  /** null for a member that lists no payment address. */
  readonly address: string | null
  /** Whether they are online, and can be dialled. */
  readonly presence: string
  readonly warning: string | null
}

const presenceOf = (member: MemberEntry) => {
  const reach = member.connected
    ? 'Connected to you'
    : member.reachable === null
      ? 'Online'
      : member.reachable
        ? 'Online, reachable'
        : 'Online, cannot be dialled'
  return member.address === null ? `${reach}; lists no payment address` : reach
}

/** Members online (but this one), then contacts who are not among them; those whose name or address holds `search`. */
export function recipientsOf(members: readonly MemberEntry[], contacts: readonly Contact[], ownMemberId: string, search: string): Recipient[] {
  const online = members
    .filter((member) => member.memberId !== ownMemberId)
    .map(
      (member): Recipient => ({
        kind: 'member',
        key: member.memberId,
        name: member.nickname,
        address: member.address,
        presence: presenceOf(member),
        warning: member.warning,
      }),
    )
    .sort((a, b) => Number(a.address === null) - Number(b.address === null) || a.name.localeCompare(b.name))
  const known = new Set(online.map((one) => one.address))
  const away = contacts
    .filter((contact) => !known.has(contact.address))
    .map(
      (contact): Recipient => ({
        kind: 'contact',
        key: `contact ${contact.name}`,
        name: contact.name,
        address: contact.address,
        presence: 'Contact, not online',
        warning: null,
      }),
    )
  const wanted = search.trim().toLowerCase()
  return [...online, ...away].filter((one) => one.name.toLowerCase().includes(wanted) || (one.address?.includes(wanted) ?? false))
}

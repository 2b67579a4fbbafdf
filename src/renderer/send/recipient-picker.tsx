import { type KeyboardEvent, useId, useState } from 'react'
import { hrefTo } from '../lib/route.ts'
import { useLive } from '../live.ts'
import { contacts as contactsQuery, members as membersQuery } from '../queries.ts'
import { useApp } from '../store.ts'
import { textLinkClass } from '../ui/address.tsx'
import { cx } from '../ui/classes.ts'
import { inputClass } from '../ui/field.tsx'
import { ChosenRecipient, RecipientOption } from './recipient-option.tsx'
import { type Recipient, recipientsOf } from './recipients.ts'

const SHOWN = 60

/** Who is paid: picked from those online and the contacts, or typed or pasted. */
export function RecipientPicker({ value, onValue }: { readonly value: string; readonly onValue: (to: string) => void }) {
  const id = useId()
  const me = useApp((state) => state.status?.memberId ?? '')
  const { data: members } = useLive(membersQuery)
  const { data: contacts } = useLive(contactsQuery)
  const [chosen, setChosen] = useState<Recipient>()
  const [active, setActive] = useState(-1)
  const found = recipientsOf(members ?? [], contacts ?? [], me, value).slice(0, SHOWN)
  const choose = (recipient: Recipient | undefined) => {
    if (!recipient?.address) return
    setChosen(recipient)
    onValue(recipient.address)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setActive(Math.max(0, Math.min(found.length - 1, active + (event.key === 'ArrowDown' ? 1 : -1))))
    } else if (event.key === 'Enter' && found[active]) {
      event.preventDefault()
      choose(found[active])
    }
  }
  if (chosen) {
    return (
      <ChosenRecipient
        recipient={chosen}
        onChange={() => {
          setChosen(undefined)
          onValue('')
        }}
      />
    )
  }
  const option = (i: number) => `${id}-${i}`
  const noOne = members !== undefined && contacts !== undefined && recipientsOf(members, contacts, me, '').length === 0
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        Member, contact or address
      </label>
      <input
        id={id}
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={found[active] ? option(active) : undefined}
        data-testid="send-to"
        className={inputClass}
        value={value}
        placeholder="Search, or paste an address"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setActive(-1)
          onValue(event.target.value)
        }}
        onKeyDown={keys}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Members and contacts"
        className={cx('mt-3 max-h-64 overflow-y-auto rounded-lg', found.length > 0 && 'border border-line')}
      >
        {found.map((recipient, i) => (
          <RecipientOption key={recipient.key} id={option(i)} recipient={recipient} active={i === active} onChoose={() => choose(recipient)} />
        ))}
      </div>
      {noOne && value === '' && (
        <p className="text-ink-2">
          Nobody else is online and you have no contacts. Paste an address, or{' '}
          <a href={hrefTo('tracker')} className={textLinkClass}>
            join a tracker
          </a>{' '}
          to see who is there.
        </p>
      )}
      {found.length === 0 && value !== '' && (
        <p className="text-[13px] text-ink-3">Nobody of that name here: it is taken as an address, and checked at the review.</p>
      )}
    </div>
  )
}

import { Send, Trash2, UserPlus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Contact } from '../../api/schemas.ts'
import { hrefTo } from '../lib/route.ts'
import { useAction, useLive } from '../live.ts'
import { contacts } from '../queries.ts'
import { api } from '../session.ts'
import { AddressLink } from '../ui/address.tsx'
import { Button, buttonClass, IconButton } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card, Empty, Page } from '../ui/page.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'

/** People by name. */
export function ContactsPage() {
  const { data, error } = useLive(contacts)
  const [leaving, setLeaving] = useState<Contact>()
  return (
    <Page title="Contacts" about="Names for addresses, known on this computer alone." tall>
      <AddContact />
      {error && <Notice kind="error">{error}</Notice>}
      {data?.length === 0 && (
        <Card>
          <Empty title="No contacts yet">Paste somebody's address above and give it a name; then you can send by name, also when they are not online.</Empty>
        </Card>
      )}
      {data && data.length > 0 && (
        <VirtualTable
          label="Contacts"
          columns={columns(setLeaving)}
          count={data.length}
          row={(i) => data[i]}
          rowKey={(i) => data[i]?.name ?? i}
          rowTestId="contact-row"
          className="min-h-0"
        />
      )}
      {leaving && <RemoveContact contact={leaving} onClose={() => setLeaving(undefined)} />}
    </Page>
  )
}

function AddContact() {
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const action = useAction(() => api.contacts.add({ name: name.trim(), address: address.trim() }))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!(await action.run())) return
    setName('')
    setAddress('')
  }
  return (
    <Card className="shrink-0 pb-4">
      <form
        onSubmit={(event) => void submit(event)}
        className="grid grid-cols-[minmax(8rem,1fr)_minmax(12rem,2fr)_auto] items-start gap-4 max-[760px]:grid-cols-1"
      >
        <Field label="Name" testId="contact-name" value={name} onText={setName} maxLength={64} hint="As you call them." />
        <Field label="Address" testId="contact-address" mono value={address} onText={setAddress} error={action.error} hint="As they gave it to you." />
        <Button
          type="submit"
          look="primary"
          icon={UserPlus}
          className="mt-6"
          busy={action.busy}
          disabled={name.trim() === '' || address.trim() === ''}
          data-testid="contact-add"
        >
          Add contact
        </Button>
      </form>
    </Card>
  )
}

function RemoveContact({ contact, onClose }: { readonly contact: Contact; readonly onClose: () => void }) {
  const action = useAction(() => api.contacts.remove({ name: contact.name }))
  return (
    <Dialog title={`Remove ${contact.name}?`} onClose={onClose}>
      <p className="text-ink-2">The name and its pinned key are forgotten. Payments to the address stay in your history.</p>
      {action.error && (
        <Notice kind="error" className="mt-4">
          {action.error}
        </Notice>
      )}
      <div className="mt-6 flex justify-end gap-3">
        <Button onClick={onClose}>Keep</Button>
        <Button look="danger" data-testid="contact-remove-yes" busy={action.busy} onClick={() => void action.run().then((done) => done && onClose())}>
          Remove
        </Button>
      </div>
    </Dialog>
  )
}

const columns = (remove: (contact: Contact) => void): readonly Column<Contact>[] => [
  {
    name: 'Name',
    min: 9,
    grow: 1,
    cell: (contact) => (
      <span className="flex items-center gap-3">
        <WedgeAvatar of={contact.address} size={36} />
        <span className="truncate font-medium">{contact.name}</span>
      </span>
    ),
  },
  {
    name: 'Address',
    min: 12.5,
    grow: 1.4,
    cell: (contact) => (
      <span className="flex items-center gap-1">
        <AddressLink address={contact.address} />
        <CopyButton text={contact.address} label={`Copy the address of ${contact.name}`} />
      </span>
    ),
  },
  { name: 'Key', min: 6.5, cell: (contact) => <span className="text-ink-2">{contact.pinnedKey ? 'Pinned' : 'Not seen yet'}</span> },
  {
    name: 'Actions',
    min: 8,
    end: true,
    cell: (contact) => (
      <span className="flex items-center justify-end gap-1">
        <a href={hrefTo('send', 'to', contact.address)} className={buttonClass('plain', 'small')}>
          <Send aria-hidden size={14} />
          Send
        </a>
        <IconButton icon={Trash2} label={`Remove ${contact.name}`} data-testid={`contact-remove-${contact.name}`} onClick={() => remove(contact)} />
      </span>
    ),
  },
]

import { useId, useState } from 'react'
import type { HostedTracker } from '../../api/schemas.ts'
import { cx } from '../ui/classes.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { addressesOf } from './addresses.ts'

/** How friends get to the hosted tracker: a link, its QR code, and the addresses as text. */
export function Share({ tracker }: { readonly tracker: HostedTracker }) {
  const addresses = addressesOf(tracker.urls)
  const [chosen, setChosen] = useState<string>()
  const shown = addresses.find(({ url }) => url === chosen) ?? addresses[0]
  const link = shown === undefined || shown === addresses[0] ? tracker.link : shown.link
  const name = useId()
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] items-start gap-6 max-[700px]:grid-cols-1">
      <QrCode text={link} label={`QR code of ${link}`} />
      <div className="flex min-w-0 flex-col gap-4">
        <div>
          <h3 className="font-medium">Link for friends</h3>
          <p className="mb-1.5 text-[13px] text-ink-3">Cheese Stack opens it and asks before it joins. It can also be pasted under “Join a tracker”.</p>
          <Copyable text={link} label="Copy the link" testId="tracker-link" />
        </div>
        <fieldset>
          <legend className="font-medium">{addresses.length > 1 ? 'Addresses: choose which one the link and the code hold' : 'Address'}</legend>
          <ul className="mt-1.5 flex flex-col gap-1.5">
            {addresses.map(({ url, from }, i) => (
              <li key={url} className="flex items-center gap-2">
                {addresses.length > 1 && (
                  <input
                    type="radio"
                    name={name}
                    className="size-4 shrink-0 accent-accent"
                    aria-label={`${url}, ${from}`}
                    checked={url === shown?.url}
                    onChange={() => setChosen(url)}
                  />
                )}
                <Copyable text={url} label={`Copy ${url}`} testId={i === 0 ? 'tracker-url' : `tracker-url-${i + 1}`} />
                <span className="text-[13px] whitespace-nowrap text-ink-3">{from}</span>
              </li>
            ))}
          </ul>
        </fieldset>
      </div>
    </div>
  )
}

function Copyable({ text, label, testId }: { readonly text: string; readonly label: string; readonly testId: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <span data-testid={testId} className={cx('mono min-w-0 rounded bg-sunken px-2 py-1 text-[13px] break-all select-all')}>
        {text}
      </span>
      <CopyButton text={text} label={label} />
    </span>
  )
}

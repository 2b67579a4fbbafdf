import type { TransferPage } from '../../api/schemas.ts'
import { ago, bytes, count, counted, when } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { useNow } from '../live.ts'
import { AddressLink, HeightLink } from '../ui/address.tsx'
import { Amount } from '../ui/amount.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { Card } from '../ui/page.tsx'
import { WheelTop } from '../ui/wheel.tsx'

/** One transfer: who paid whom, and where it is. */
export function TransferDetails({ transfer }: { readonly transfer: TransferPage }) {
  const now = useNow(10)
  return (
    <>
      <Card>
        <Facts
          rows={[
            [
              'Transfer id',
              <span key="id" className="flex items-start gap-1" data-testid="transfer-id">
                <span className="mono text-[13px] break-all">{transfer.id}</span>
                <CopyButton text={transfer.id} label="Copy transfer id" />
              </span>,
            ],
            [
              'State',
              transfer.state === 'waiting' || transfer.height === null ? (
                'Waits for a cheese'
              ) : (
                <span key="state">
                  In cheese <HeightLink height={transfer.height} />, {counted(transfer.confirmations, 'confirmation')}
                </span>
              ),
            ],
            ['Time', `${when(transfer.time)}, ${ago(transfer.time, now)}`],
            ['From', <AddressLink key="from" address={transfer.from} wedge />],
            ['Fee', <Amount key="fee" crumbs={transfer.fee} />],
            ['Memo', transfer.memo ? <q key="memo">{transfer.memo}</q> : 'None'],
            ['Sequence', `${count(transfer.sequence)} of its sender`],
            ['Expires', transfer.expiry === 0 ? 'Never' : `After height ${count(transfer.expiry)}`],
            ['Size', bytes(transfer.size)],
          ]}
        />
        {transfer.smell && (
          <a href={hrefTo('stack', transfer.smell)} className="mt-6 flex items-center gap-3 rounded-lg border border-line bg-ground p-3 hover:bg-sunken">
            <WheelTop smell={transfer.smell} size={44} />
            <span className="mono min-w-0 truncate text-[13px]">{transfer.smell}</span>
          </a>
        )}
      </Card>
      <Card title={`Pays ${counted(transfer.payments.length, 'address', 'addresses')}`}>
        <ul className="flex flex-col gap-3">
          {transfer.payments.map((payment, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a payment is its place; the same one may come twice
            <li key={i} className="flex flex-wrap items-center justify-between gap-3">
              <AddressLink address={payment.to} wedge />
              <Amount crumbs={payment.amount} />
            </li>
          ))}
        </ul>
      </Card>
    </>
  )
}

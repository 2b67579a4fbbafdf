import { ChevronDown, ChevronUp } from 'lucide-react'
import type { CheeseView, TransferView } from '../../api/schemas.ts'
import { ago, bytes, count, counted, when } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { useNow } from '../live.ts'
import { useApp } from '../store.ts'
import { AddressLink, HashLink } from '../ui/address.tsx'
import { Amount } from '../ui/amount.tsx'
import { buttonClass } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { Card } from '../ui/page.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { WheelTop } from '../ui/wheel.tsx'

/** One cheese: its header in full, and its transfers. */
export function CheeseDetails({ cheese }: { readonly cheese: CheeseView }) {
  const now = useNow(10)
  const tip = useApp((state) => state.status?.height ?? cheese.height)
  const ripe = tip >= cheese.ripensAt
  return (
    <>
      <Card>
        <div className="flex flex-wrap items-start gap-8">
          <div className="flex flex-col items-center gap-4">
            <WheelTop smell={cheese.smell} blue={cheese.height === 0} size={152} />
            <div className="flex gap-2">
              {cheese.height < tip && (
                <a href={hrefTo('stack', String(cheese.height + 1))} className={buttonClass('plain', 'small')} title="The cheese above">
                  <ChevronUp aria-hidden size={14} /> Above
                </a>
              )}
              {cheese.height > 0 && (
                <a href={hrefTo('stack', cheese.parent)} className={buttonClass('plain', 'small')} title="The cheese below">
                  <ChevronDown aria-hidden size={14} /> Below
                </a>
              )}
            </div>
          </div>
          <div className="min-w-80 flex-1 max-[620px]:min-w-0">
            <Facts
              rows={[
                [
                  'Smell',
                  <span key="smell" className="flex items-start gap-1" data-testid="shown-smell" data-smell={cheese.smell}>
                    <span className="mono text-[13px] break-all">{cheese.smell}</span>
                    <CopyButton text={cheese.smell} label="Copy smell" />
                  </span>,
                ],
                ['Time', `${when(cheese.time)}, ${ago(cheese.time, now)}`],
                ['Confirmations', counted(cheese.confirmations, 'confirmation')],
                ['Miner', cheese.height === 0 ? 'Nobody: it is the beginning' : <AddressLink key="miner" address={cheese.miner} wedge />],
                ['Reward', <Amount key="reward" crumbs={cheese.reward} />],
                ['of it fees', <Amount key="fees" crumbs={cheese.fees} />],
                [
                  'Ripe',
                  cheese.height === 0
                    ? 'Never: it pays nobody'
                    : ripe
                      ? `Since height ${count(cheese.ripensAt)}`
                      : `At height ${count(cheese.ripensAt)}, ${counted(cheese.ripensAt - tip, 'cheese', 'cheeses')} from now`,
                ],
                ['Extra', cheese.extra || 'None'],
                ['Size', bytes(cheese.size)],
              ]}
            />
          </div>
        </div>
      </Card>
      <section aria-labelledby="transfers">
        <h2 id="transfers" className="mb-3 text-base font-semibold">
          {cheese.items.length === 0 ? 'No transfers in it' : counted(cheese.items.length, 'transfer')}
        </h2>
        {cheese.items.length > 0 && (
          <VirtualTable
            label="Transfers"
            columns={columns}
            count={cheese.items.length}
            row={(i) => cheese.items[i]}
            rowKey={(i) => cheese.items[i]?.id ?? i}
            className="max-h-[28rem]"
          />
        )}
      </section>
      <Card title="Header">
        <Facts
          rows={[
            ['Version', cheese.version],
            ['Parent', cheese.height === 0 ? 'None' : <HashLink key="parent" hash={cheese.parent} full />],
            [
              'Accounts root',
              <span key="accounts" className="mono text-[13px] break-all">
                {cheese.accountsRoot}
              </span>,
            ],
            [
              'Body root',
              <span key="body" className="mono text-[13px] break-all">
                {cheese.bodyRoot}
              </span>,
            ],
            [
              'Bits',
              <span key="bits" className="mono text-[13px]">
                {cheese.bits}
              </span>,
            ],
            [
              'Nonce',
              <span key="nonce" className="mono text-[13px]">
                {cheese.nonce}
              </span>,
            ],
            [
              'Work',
              <span key="work">
                <span className="mono text-[13px]">{cheese.work}</span> tries on average
              </span>,
            ],
          ]}
        />
      </Card>
    </>
  )
}

const sum = (transfer: TransferView) => transfer.payments.reduce((total, payment) => total + BigInt(payment.amount), 0n).toString()

const columns: readonly Column<TransferView>[] = [
  { name: 'Transfer', min: 10.5, cell: (transfer) => <HashLink hash={transfer.id} /> },
  { name: 'From', min: 9, grow: 1, cell: (transfer) => <AddressLink address={transfer.from} wedge /> },
  {
    name: 'To',
    min: 9,
    grow: 1,
    cell: (transfer) => {
      const [only, second] = transfer.payments
      return only && !second ? <AddressLink address={only.to} wedge /> : counted(transfer.payments.length, 'address', 'addresses')
    },
  },
  { name: 'Amount', min: 13, end: true, cell: (transfer) => <Amount crumbs={sum(transfer)} /> },
]

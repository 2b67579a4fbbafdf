import { ToggleGroup } from 'radix-ui'
import { useState } from 'react'
import type { OwnCheeses as Own, OwnCheese } from '../../api/schemas.ts'
import { ago, count, short, when } from '../lib/format.ts'
import { ripeningWords } from '../lib/mining.ts'
import { hrefTo } from '../lib/route.ts'
import { useLive, useNow } from '../live.ts'
import { OWN_LISTED, ownCheeses } from '../queries.ts'
import { useApp } from '../store.ts'
import { linkClass } from '../ui/address.tsx'
import { Amount } from '../ui/amount.tsx'
import { cx } from '../ui/classes.ts'
import { Notice } from '../ui/notice.tsx'
import { Card, Empty } from '../ui/page.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { WheelTop } from '../ui/wheel.tsx'

type Filter = 'all' | OwnCheese['state']

const STATES = ['ripening', 'ripened', 'orphaned'] as const
const NAMES: Readonly<Record<Filter, string>> = { all: 'Found', ripening: 'Ripening', ripened: 'Ripened', orphaned: 'Orphaned' }
const DOTS: Readonly<Record<OwnCheese['state'], string>> = { ripening: 'bg-info', ripened: 'bg-good', orphaned: 'bg-off' }
const ABOUT: Readonly<Record<Filter, string>> = {
  all: 'Every cheese that this wallet was paid for.',
  ripening: 'Their rewards become spendable when enough cheeses lie upon them.',
  ripened: 'Their rewards are in your balance, to be spent like any other cheese.',
  orphaned: 'Another member’s cheese took their place on the stack, so they pay nothing. It happens when two are found at nearly the same time.',
}
const NONE: Readonly<Record<OwnCheese['state'], string>> = { ripening: 'None ripens now', ripened: 'None has ripened yet', orphaned: 'None was orphaned' }

/** The cheeses that this wallet was paid for: how many in which state, and each of them. */
export function OwnCheeses() {
  const hasWallet = useApp((state) => state.status?.wallet !== 'none')
  const { data, error } = useLive(hasWallet ? ownCheeses() : null)
  return (
    <section aria-labelledby="own-cheeses" className="flex flex-col gap-3">
      <h2 id="own-cheeses" className="text-base font-semibold">
        Your cheeses
      </h2>
      {error && <Notice kind="error">{error}</Notice>}
      {data?.found ? (
        <Found own={data} />
      ) : (
        <Card>
          <Empty title="None found yet" art={<WheelTop smell="none yet" size={56} />}>
            Start mining and leave it running. The first one may come early or late: it is luck, and more hash rate is more luck.
          </Empty>
        </Card>
      )}
    </section>
  )
}

function Found({ own }: { readonly own: Own }) {
  const [filter, setFilter] = useState<Filter>('all')
  const now = useNow(10)
  const height = useApp((state) => state.status?.height ?? 0)
  const picked = useLive(filter === 'all' ? null : ownCheeses(filter)).data
  // While those in one state are on their way, what is known of them already.
  const rows = filter === 'all' ? own.cheeses : (picked ?? own).cheeses.filter(({ state }) => state === filter)
  const counts: Readonly<Record<Filter, number>> = { all: own.found, ripening: own.ripening, ripened: own.ripened, orphaned: own.orphaned }
  return (
    <>
      <Shares own={own} />
      <ToggleGroup.Root
        type="single"
        value={filter}
        aria-label="Which of your cheeses"
        onValueChange={(next) => next && setFilter(next as Filter)}
        className="inline-flex flex-wrap gap-1 self-start rounded-lg bg-sunken p-1"
      >
        {(['all', ...STATES] as const).map((value) => (
          <ToggleGroup.Item
            key={value}
            value={value}
            data-testid={`own-${value}`}
            data-count={counts[value]}
            className="flex h-9 items-center gap-2 rounded-md px-3 font-medium text-ink-2 data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-card"
          >
            {value !== 'all' && <span aria-hidden className={cx('size-2.5 rounded-full', DOTS[value])} />}
            {NAMES[value]} <span className="mono min-w-4 text-right text-[13px]">{count(counts[value])}</span>
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
      <p className="text-[13px] text-ink-3">
        {ABOUT[filter]}
        {counts[filter] > OWN_LISTED && ` The latest ${count(OWN_LISTED)} are listed.`}
      </p>
      {rows.length > 0 ? (
        <VirtualTable
          label="Your cheeses"
          columns={columns(now, height)}
          count={rows.length}
          row={(i) => rows[i]}
          rowKey={(i) => rows[i]?.smell ?? i}
          rowTestId="own-cheese"
          className="max-h-96"
        />
      ) : (
        <p className="rounded-xl border border-line bg-surface px-6 py-8 text-center text-ink-2">{filter !== 'all' && NONE[filter]}.</p>
      )}
    </>
  )
}

/** How the found cheeses fared, as one bar. The numbers stand in the filter below it. */
function Shares({ own }: { readonly own: Own }) {
  return (
    <div aria-hidden className="flex h-2 gap-0.5 overflow-hidden rounded-full">
      {STATES.filter((state) => own[state] > 0).map((state) => (
        <span key={state} className={cx('min-w-1', DOTS[state])} style={{ flexGrow: own[state] }} />
      ))}
    </div>
  )
}

const columns = (now: number, height: number): readonly Column<OwnCheese>[] => [
  { name: 'Cheese', min: 9.5, grow: 1, cell: (cheese) => <CheeseCell cheese={cheese} /> },
  {
    name: 'State',
    min: 9.25,
    grow: 1,
    cell: (cheese) => (
      <span className="flex flex-col">
        <span className="flex items-center gap-2">
          <span aria-hidden className={cx('size-2.5 shrink-0 rounded-full', DOTS[cheese.state])} />
          {NAMES[cheese.state]}
        </span>
        <span className="truncate text-[13px] text-ink-3 tabular-nums">{ripeningWords(cheese, height)}</span>
      </span>
    ),
  },
  {
    name: 'Found',
    min: 6.75,
    grow: 0.5,
    cell: (cheese) => (
      <span className="whitespace-nowrap" title={when(cheese.time)}>
        {ago(cheese.time, now)}
      </span>
    ),
  },
  {
    name: 'Reward',
    min: 10.25,
    end: true,
    cell: (cheese) => <Amount crumbs={cheese.amount} className={cx(cheese.state === 'orphaned' && 'text-ink-3 line-through')} />,
  },
]

/** Its picture, and the link to its page: by smell, since another cheese may be at its height. */
function CheeseCell({ cheese: { smell, height, state } }: { readonly cheese: OwnCheese }) {
  return (
    <span className={cx('flex items-center gap-3', state === 'orphaned' && 'grayscale')}>
      <WheelTop smell={smell} size={36} />
      <span className="flex min-w-0 flex-col">
        <a href={hrefTo('stack', smell)} title={smell} className={cx('mono', linkClass)}>
          #{count(height)}
        </a>
        <span className="mono truncate text-[13px] text-ink-3">{short(smell, 6, 6)}</span>
      </span>
    </span>
  )
}

import { useVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef } from 'react'
import type { CheeseSummary } from '../../api/schemas.ts'
import { ago, bytes, count, counted, when } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { useNow } from '../live.ts'
import { useApp } from '../store.ts'
import { AddressLink, HashLink } from '../ui/address.tsx'
import { Amount } from '../ui/amount.tsx'
import { cx } from '../ui/classes.ts'
import { Notice } from '../ui/notice.tsx'
import { Scroller } from '../ui/scroller.tsx'
import { sideTop, sideWidth, WheelSide } from '../ui/wheel.tsx'
import { useCheeses } from './use-cheeses.ts'

const ROW = 60

/** The stack itself: each row is a cheese, its wheel lying on the one below; only those in sight are in the page. */
export function StackList() {
  const scroller = useRef<HTMLDivElement>(null)
  const tip = useApp((state) => state.status?.height ?? 0)
  const virtual = useVirtualizer({
    count: tip + 1,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
    paddingStart: 28,
    paddingEnd: 24,
    getItemKey: (index) => tip - index,
  })
  const items = virtual.getVirtualItems()
  const highest = tip - (items[0]?.index ?? 0)
  const { cheese, error } = useCheeses(tip - (items.at(-1)?.index ?? 0), highest)
  const now = useNow(10)
  const before = useRef(tip)
  // Who looks further down keeps what they look at when a new cheese lands on top.
  useLayoutEffect(() => {
    const grown = tip - before.current
    before.current = tip
    if (grown > 0 && scroller.current && scroller.current.scrollTop > ROW) scroller.current.scrollTop += grown * ROW
  }, [tip])
  const settled = useRef<number>(undefined)
  settled.current ??= tip
  return (
    <>
      {error && <Notice kind="error">{error}</Notice>}
      <Scroller ref={scroller} className="min-h-0 flex-1">
        <table aria-label="Cheeses, newest first" aria-rowcount={tip + 1} className="block">
          <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const height = tip - item.index
              const value = cheese(height)
              return (
                <tr
                  key={item.key}
                  aria-rowindex={item.index + 1}
                  className="absolute inset-x-0 top-0 flex items-center px-6 max-[1020px]:px-4"
                  style={{ height: ROW, zIndex: height, transform: `translateY(${item.start}px)` }}
                  data-testid={value && 'stack-row'}
                  data-height={height}
                >
                  <td className="relative mr-6 block shrink-0 self-stretch max-[1020px]:mr-4 max-[620px]:hidden" style={{ width: sideWidth }}>
                    {value && (
                      <div
                        key={value.smell}
                        className={height > (settled.current ?? tip) ? 'animate-drop' : undefined}
                        style={{ position: 'absolute', top: -sideTop }}
                      >
                        <WheelSide smell={value.smell} blue={height === 0} height={ROW} />
                      </div>
                    )}
                  </td>
                  {value ? <CheeseCells cheese={value} now={now} /> : <Waiting height={height} />}
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scroller>
    </>
  )
}

function Waiting({ height }: { readonly height: number }) {
  return <td className="mono block text-ink-3">#{count(height)}</td>
}

const CELL = 'h-full items-center border-b border-line'

function CheeseCells({ cheese, now }: { readonly cheese: CheeseSummary; readonly now: number }) {
  const own = useApp((state) => state.status?.address === cheese.miner)
  return (
    <>
      <td className={cx(CELL, 'flex w-28 shrink-0')}>
        <span className="flex flex-col">
          <a href={hrefTo('stack', cheese.smell)} className="mono text-base font-semibold hover:underline">
            #{count(cheese.height)}
          </a>
          <span className="text-[13px] whitespace-nowrap text-ink-3" title={when(cheese.time)}>
            {ago(cheese.time, now)}
          </span>
        </span>
      </td>
      <td className={cx(CELL, 'flex min-w-0 flex-1')}>
        <span className="flex min-w-0 flex-col">
          <HashLink hash={cheese.smell} />
          <span className="truncate text-[13px] text-ink-3">
            {counted(cheese.transfers, 'transfer')} · {bytes(cheese.size)}
          </span>
        </span>
      </td>
      <td className={cx(CELL, 'flex min-w-0 flex-1 max-[1020px]:hidden')}>
        {cheese.height === 0 ? <span className="text-info">The blue cheese</span> : <AddressLink address={cheese.miner} name={own ? 'You' : null} wedge />}
      </td>
      <td className={cx(CELL, 'flex w-40 shrink-0 justify-end max-[860px]:hidden')}>
        <Amount crumbs={cheese.reward} />
      </td>
    </>
  )
}

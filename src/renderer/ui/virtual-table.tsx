import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef } from 'react'
import { cx } from './classes.ts'
import { Scroller } from './scroller.tsx'

export interface Column<T> {
  readonly name: string
  /** Its least width, rem. */
  readonly min: number
  /** Its share of the room that is left; none when left out. */
  readonly grow?: number
  readonly end?: boolean
  readonly cell: (row: T) => ReactNode
}

interface VirtualTableProps<T> {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly count: number
  /** The row at `index`; undefined while it is being fetched. */
  readonly row: (index: number) => T | undefined
  readonly rowKey: (index: number) => string | number
  readonly rowHeight?: number
  readonly testId?: string
  readonly rowTestId?: string
  /** Told which rows are in sight, first and last index. */
  readonly onRange?: (first: number, last: number) => void
  readonly className?: string
}

/** A table of any length: only the rows in sight are in the page. */
export function VirtualTable<T>({ label, columns, count, row, rowKey, rowHeight = 56, testId, rowTestId, onRange, className }: VirtualTableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 8, getItemKey: rowKey })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (count > 0) onRange?.(first, last)
  }, [first, last, count, onRange])
  // Each row is a grid of its own: tracks that do not depend on what is in them keep the columns in line.
  const tracks = { gridTemplateColumns: columns.map(({ min, grow }) => (grow === undefined ? `${min}rem` : `minmax(${min}rem, ${grow}fr)`)).join(' ') }
  const minWidth = `${columns.reduce((sum, column) => sum + column.min, 0) + 0.75 * (columns.length - 1) + 2}rem`
  return (
    <Scroller ref={scroller} className={className}>
      <table aria-label={label} aria-rowcount={count + 1} data-testid={testId} className="block" style={{ minWidth }}>
        <thead className="sticky top-0 z-10 block">
          <tr
            aria-rowindex={1}
            style={tracks}
            className="grid h-10 items-center gap-3 border-b border-line bg-surface px-4 text-left text-[13px] font-medium text-ink-3"
          >
            {columns.map((column) => (
              <th key={column.name} scope="col" className={cx('block truncate font-medium', column.end && 'text-right')}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const value = row(item.index)
            return (
              <tr
                key={item.key}
                aria-rowindex={item.index + 2}
                data-testid={value === undefined ? undefined : rowTestId}
                className="absolute inset-x-0 top-0 grid items-center gap-3 border-b border-line px-4"
                style={{ ...tracks, height: item.size, transform: `translateY(${item.start}px)` }}
              >
                {value === undefined ? (
                  <td className="col-span-full block">
                    <div className="h-3 w-1/3 rounded bg-sunken" />
                    <span className="sr-only">Being fetched</span>
                  </td>
                ) : (
                  columns.map((column) => (
                    <td key={column.name} className={cx('block min-w-0', column.end && 'text-right')}>
                      {column.cell(value)}
                    </td>
                  ))
                )}
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroller>
  )
}

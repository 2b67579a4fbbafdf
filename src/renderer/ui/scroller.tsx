import type { ReactNode, Ref } from 'react'
import { cx } from './classes.ts'

interface ScrollerProps {
  readonly ref: Ref<HTMLDivElement>
  readonly className?: string | undefined
  readonly children: ReactNode
}

/** A framed part that scrolls by itself; it takes the focus, so that the arrow keys scroll it. */
export function Scroller({ ref, className, children }: ScrollerProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <div ref={ref} tabIndex={0} className={cx('relative overflow-auto rounded-xl border border-line bg-surface', className)}>
      {children}
    </div>
  )
}

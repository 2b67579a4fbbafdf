import { amountParts } from '../lib/format.ts'
import { cx } from './classes.ts'
import { Groups } from './groups.tsx'

interface AmountProps {
  /** Crumbs, as digits, perhaps with a minus. */
  readonly crumbs: string
  /** A plus before what came in, a minus before what went out. */
  readonly sign?: '+' | '−' | undefined
  readonly className?: string | undefined
  readonly testId?: string
}

/** An amount of cheese: grouped by thin spaces that are not copied along, the fraction quieter than the whole. */
export function Amount({ crumbs, sign, className, testId }: AmountProps) {
  const parts = amountParts(crumbs)
  return (
    <span className={cx('mono whitespace-nowrap', className)} data-testid={testId} data-crumbs={crumbs}>
      {sign ?? parts.sign}
      <Groups of={parts.whole} />
      <span className="font-normal opacity-85">
        .
        <Groups of={parts.fraction} />
      </span>
      <span className="font-sans text-[max(0.55em,13px)] font-normal tracking-normal opacity-85"> cheese</span>
    </span>
  )
}

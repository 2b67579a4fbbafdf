import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './classes.ts'

interface DisclosureProps {
  readonly summary: ReactNode
  readonly children: ReactNode
  readonly className?: string
  readonly testId?: string
}

/** Something that is shown when it is asked for: the browser's own, so that keyboard and screen reader know it. */
export function Disclosure({ summary, children, className, testId }: DisclosureProps) {
  return (
    <details data-testid={testId} className={cx('group', className)}>
      <summary className="flex w-fit cursor-pointer list-none items-center gap-1.5 rounded font-medium text-accent-text [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden size={15} className="transition-transform group-open:rotate-90" />
        {summary}
      </summary>
      <div className="mt-3">{children}</div>
    </details>
  )
}

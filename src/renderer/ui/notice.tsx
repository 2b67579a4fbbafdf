import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './classes.ts'

const KINDS = {
  info: { icon: Info, colour: 'text-info', border: 'border-l-info' },
  good: { icon: CircleCheck, colour: 'text-good', border: 'border-l-good' },
  warning: { icon: TriangleAlert, colour: 'text-warn', border: 'border-l-warn' },
  error: { icon: CircleAlert, colour: 'text-bad', border: 'border-l-bad' },
} as const

interface NoticeProps {
  readonly kind: keyof typeof KINDS
  readonly children: ReactNode
  readonly className?: string
  readonly testId?: string
}

/** A sentence that a person should see; errors are read out at once. */
export function Notice({ kind, children, className, testId }: NoticeProps) {
  const { icon: Icon, colour, border } = KINDS[kind]
  return (
    <div
      role={kind === 'error' ? 'alert' : 'status'}
      data-testid={testId}
      className={cx('flex gap-3 rounded-lg border border-line border-l-4 bg-surface px-4 py-3', border, className)}
    >
      <Icon aria-hidden size={18} className={cx('mt-px shrink-0', colour)} />
      <div className="min-w-0 break-words">{children}</div>
    </div>
  )
}

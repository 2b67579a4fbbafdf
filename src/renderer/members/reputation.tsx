import { cx } from '../ui/classes.ts'

/** A reputation of 100 as a bar and a number. Below half it is a warning. */
export function Reputation({ of }: { readonly of: number }) {
  return (
    <span className="inline-flex items-center gap-2" title={`Reputation ${of} of 100`}>
      <span aria-hidden className="h-1.5 w-8 overflow-hidden rounded-full bg-line">
        <span className={cx('block h-full', of < 50 ? 'bg-warn' : 'bg-good')} style={{ width: `${Math.max(0, Math.min(100, of))}%` }} />
      </span>
      <span className="mono text-[13px]">{of} %</span>
    </span>
  )
}

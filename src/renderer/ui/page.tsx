import { type ReactNode, useEffect, useRef } from 'react'
import { cx } from './classes.ts'

interface PageProps {
  readonly title: string
  /** One line under the title. */
  readonly about?: ReactNode
  /** The page's one primary action, or what stands in its place. */
  readonly action?: ReactNode
  readonly children: ReactNode
  /** Fills the window's height (for pages with a list that scrolls by itself). */
  readonly tall?: boolean
  readonly narrow?: boolean
}

let first = true

/** A page: its heading takes the focus when the person comes to it, so that a screen reader says where they are. */
export function Page({ title, about, action, children, tall = false, narrow = false }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Cheese Stack`
    if (!first) heading.current?.focus({ preventScroll: true })
    first = false
  }, [title])
  return (
    <div
      className={cx(
        'mx-auto flex w-full flex-col gap-6 px-8 py-8 max-[1000px]:px-6 max-[760px]:px-4',
        narrow ? 'max-w-2xl' : 'max-w-5xl',
        tall && 'min-h-[32rem] flex-1 basis-0 overflow-hidden',
      )}
    >
      <header className="flex min-h-10 shrink-0 flex-wrap items-start justify-between gap-4">
        <div className="min-w-64 flex-1">
          <h1 ref={heading} tabIndex={-1} className="text-2xl leading-8 font-semibold tracking-tight">
            {title}
          </h1>
          {about !== undefined && <p className="mt-1 text-ink-2">{about}</p>}
        </div>
        {action}
      </header>
      {children}
    </div>
  )
}

/** A card with an optional heading. */
export function Card({
  title,
  action,
  children,
  className,
  id,
}: {
  readonly title?: string
  readonly action?: ReactNode
  readonly children: ReactNode
  readonly className?: string
  readonly id?: string
}) {
  return (
    <section id={id} className={cx('scroll-mt-6 rounded-xl border border-line bg-surface p-5 shadow-card', className)}>
      {(title !== undefined || action !== undefined) && (
        <div className="mb-4 flex min-h-8 items-center justify-between gap-3">
          {title !== undefined && <h2 className="text-base font-semibold">{title}</h2>}
          {action}
        </div>
      )}
      {children}
    </section>
  )
}

/** What stands where there is nothing yet: says so, and what to do next. */
export function Empty({
  title,
  children,
  action,
  art,
}: {
  readonly title: string
  readonly children: ReactNode
  readonly action?: ReactNode
  readonly art?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-10 text-center">
      {art}
      <p className="text-base font-semibold">{title}</p>
      <p className="max-w-md text-ink-2">{children}</p>
      {action && <div className="mt-1">{action}</div>}
    </div>
  )
}

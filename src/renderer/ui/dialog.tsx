import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { cx } from './classes.ts'

interface DialogProps {
  readonly title: string
  /** Id of the text that is read out with the title, when the first button alone would not tell enough. */
  readonly describedBy?: string
  readonly onClose: () => void
  /** Wider, for what holds more than a question. */
  readonly wide?: boolean
  readonly children: ReactNode
}

/** A question that must be answered first. The browser's own dialog: it keeps the focus, and Escape closes it. */
export function Dialog({ title, describedBy, onClose, wide = false, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  // Before it is taken out of the page: only then does closing it give the focus back to where it was.
  useLayoutEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      aria-describedby={describedBy}
      className={cx(
        'm-auto animate-appear rounded-xl border border-line bg-surface p-6 text-ink shadow-card',
        wide ? 'w-[min(42rem,calc(100vw-32px))]' : 'w-[min(32rem,calc(100vw-32px))]',
      )}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <h2 id={id} className="mb-3 break-words text-lg font-semibold">
        {title}
      </h2>
      {children}
    </dialog>
  )
}

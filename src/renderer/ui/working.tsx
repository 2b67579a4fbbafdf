import { LoaderCircle } from 'lucide-react'

/** Shows that a change runs, once it takes longer than a tenth of a second. Its place is kept. */
export function Working({ show }: { readonly show: boolean }) {
  return (
    <span className="inline-grid size-4 shrink-0 place-items-center align-text-bottom">
      {show && (
        <span className="animate-late">
          <LoaderCircle aria-label="Being changed" role="img" className="animate-spin text-ink-3" size={14} />
        </span>
      )}
    </span>
  )
}

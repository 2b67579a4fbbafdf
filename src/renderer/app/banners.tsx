import { useApp } from '../store.ts'
import { Notice } from '../ui/notice.tsx'

const KIND = { notice: 'info', warning: 'warning', error: 'error' } as const

/** What the person should know on every page: that the member is away, and the member's own problems. */
export function Banners() {
  const away = useApp((state) => state.connection.state !== 'online')
  const problems = useApp((state) => state.status?.problems)
  if (!away && !problems?.length) return null
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-2 px-8 pt-4 max-[1000px]:px-6 max-[760px]:px-4">
      {away && (
        <Notice kind="warning" testId="away">
          The member does not answer. What you see is how it was; the window connects again by itself as soon as it can.
        </Notice>
      )}
      {problems?.map((problem) => (
        <Notice key={problem.id} kind={KIND[problem.severity]} testId={`problem-${problem.id}`}>
          {problem.message}
        </Notice>
      ))}
    </div>
  )
}

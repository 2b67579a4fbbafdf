import { counted } from '../lib/format.ts'
import { useApp } from '../store.ts'
import { Page } from '../ui/page.tsx'
import { StackList } from './stack-list.tsx'
import { StackSearch } from './stack-search.tsx'

/** All cheeses, tip first, lying one upon the other. */
export function StackPage() {
  const height = useApp((state) => state.status?.height)
  return (
    <Page
      title="Cheese stack"
      about={height === undefined ? '' : `${counted(height + 1, 'cheese', 'cheeses')}, from the newest down to the blue cheese.`}
      tall
      action={<StackSearch />}
    >
      <StackList />
    </Page>
  )
}

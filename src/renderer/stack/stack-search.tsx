import { Search } from 'lucide-react'
import { useState } from 'react'
import { go } from '../lib/route.ts'
import { cx } from '../ui/classes.ts'
import { inputClass } from '../ui/field.tsx'

/** Finds a cheese, transfer or account by height, smell, id or address. */
export function StackSearch({ value = '' }: { readonly value?: string }) {
  const [text, setText] = useState(value)
  return (
    <search className="w-96 max-w-full">
      <form
        className="relative"
        onSubmit={(event) => {
          event.preventDefault()
          const query = text.trim().replace(/^#/, '')
          if (query !== '') go('stack', query)
        }}
      >
        <Search aria-hidden size={16} className="absolute top-3 left-3 text-ink-3" />
        <input
          type="search"
          aria-label="Search the stack by height, smell, transfer id or address"
          placeholder="Height, smell, id or address"
          data-testid="stack-search"
          className={cx(inputClass, 'pl-9')}
          value={text}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </search>
  )
}

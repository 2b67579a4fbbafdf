import type { ReactNode } from 'react'

/** Names and values, one line each. */
export function Facts({ rows }: { readonly rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(7rem,max-content)_1fr] gap-x-6 gap-y-2 max-[560px]:grid-cols-1 max-[560px]:gap-y-0">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3">{name}</dt>
          <dd className="min-w-0 break-words max-[560px]:mb-2">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

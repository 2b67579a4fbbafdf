import { ArrowDownToLine, BookUser, History, House, Layers, type LucideIcon, Pickaxe, RadioTower, Send, Settings, Users } from 'lucide-react'
import type { PageName } from '../../api/host.ts'
import { hrefTo } from '../lib/route.ts'
import { useApp } from '../store.ts'
import { cx } from '../ui/classes.ts'
import { WheelTop } from '../ui/wheel.tsx'
import { FoundToast } from './found-toast.tsx'
import { Lamps } from './lamps.tsx'

interface Entry {
  readonly page: PageName
  readonly label: string
  readonly icon: LucideIcon
}

const GROUPS: readonly (readonly Entry[])[] = [
  [
    { page: 'overview', label: 'Overview', icon: House },
    { page: 'send', label: 'Send', icon: Send },
    { page: 'receive', label: 'Receive', icon: ArrowDownToLine },
    { page: 'history', label: 'History', icon: History },
    { page: 'contacts', label: 'Contacts', icon: BookUser },
  ],
  [
    { page: 'mine', label: 'Mine', icon: Pickaxe },
    { page: 'stack', label: 'Cheese stack', icon: Layers },
    { page: 'members', label: 'Members', icon: Users },
    { page: 'tracker', label: 'Tracker', icon: RadioTower },
  ],
  [{ page: 'settings', label: 'Settings', icon: Settings }],
]

/** The pages, and at the foot the lamps. */
export function Rail({ current }: { readonly current: string }) {
  const network = useApp((state) => state.status?.network)
  return (
    <aside aria-label="Cheese Stack" className="flex w-52 shrink-0 flex-col border-r border-line bg-sunken p-3 max-[760px]:w-16 max-[760px]:px-2">
      <div className="mb-4 flex h-10 items-center gap-2 px-2 max-[760px]:justify-center max-[760px]:px-0">
        <WheelTop smell="cheese stack" size={28} />
        <span className="flex flex-col items-start max-[760px]:sr-only">
          <span className="font-semibold tracking-tight whitespace-nowrap">Cheese Stack</span>
          {network && network !== 'main' && (
            <span className="rounded bg-info px-1.5 text-[11px] leading-4 font-semibold text-ground">{network}, worth nothing</span>
          )}
        </span>
      </div>
      <nav aria-label="Pages" className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto">
        {GROUPS.map((group) => (
          <ul key={group[0]?.page} className="flex flex-col gap-0.5">
            {group.map(({ page, label, icon: Icon }) => (
              <li key={page}>
                <a
                  href={hrefTo(page)}
                  title={label}
                  data-testid={`nav-${page}`}
                  aria-current={current === page ? 'page' : undefined}
                  className={cx(
                    'flex h-9 items-center gap-3 rounded-lg px-3 font-medium max-[760px]:justify-center max-[760px]:px-0',
                    current === page ? 'bg-surface text-ink shadow-card' : 'text-ink-2 hover:bg-line hover:text-ink',
                  )}
                >
                  <Icon aria-hidden size={17} className={cx('shrink-0', current === page && 'text-accent-text')} />
                  <span className="max-[760px]:sr-only">{label}</span>
                </a>
              </li>
            ))}
          </ul>
        ))}
      </nav>
      <FoundToast />
      <div className="mt-3 border-t border-line pt-3">
        <Lamps />
      </div>
    </aside>
  )
}

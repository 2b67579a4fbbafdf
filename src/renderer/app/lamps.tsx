import { count } from '../lib/format.ts'
import { miningLamp } from '../lib/mining.ts'
import { hrefTo, type Route } from '../lib/route.ts'
import { type Lamp, type LampColour, syncLamp, trackerLamp } from '../lib/sentences.ts'
import { useMining } from '../mine/use-mining.ts'
import { useApp } from '../store.ts'
import { cx } from '../ui/classes.ts'

const COLOURS: Readonly<Record<LampColour, string>> = {
  good: 'bg-good',
  busy: 'bg-info animate-breathe',
  warn: 'bg-warn',
  bad: 'bg-bad',
  off: 'border-2 border-off',
}

const unknown: Lamp = { colour: 'off', text: 'Connecting' }

/** Three lamps that are on every screen: sync, mining, tracker. Each says in words what its colour means. */
export function Lamps() {
  const status = useApp((state) => state.status)
  const online = useApp((state) => state.connection.state === 'online')
  const mining = useMining()
  const away: Lamp = { colour: 'bad', text: 'Member away' }
  const lamp = (of: Lamp | undefined) => (status && !online ? away : (of ?? unknown))
  return (
    <ul aria-label="Lamps" className="flex flex-col gap-1">
      <LampRow name="Sync" page="overview" lamp={lamp(status && syncLamp(status.sync, status.peers))}>
        {status && (
          <span className="mono" data-testid="height" data-height={status.height} title="Height of your stack">
            #{count(status.height)}
          </span>
        )}
      </LampRow>
      <LampRow name="Mining" page="mine" lamp={lamp(mining && miningLamp(mining))} />
      <LampRow name="Tracker" page="tracker" lamp={lamp(status && trackerLamp(status.tracker))} />
    </ul>
  )
}

interface LampRowProps {
  readonly name: string
  readonly page: Route['page']
  readonly lamp: Lamp
  readonly children?: React.ReactNode
}

function LampRow({ name, page, lamp, children }: LampRowProps) {
  return (
    <li>
      <a
        href={hrefTo(page)}
        data-testid={`lamp-${name.toLowerCase()}`}
        data-colour={lamp.colour}
        title={`${name}: ${lamp.text}`}
        className="flex h-9 items-center gap-3 rounded-lg px-3 text-[13px] hover:bg-line max-[760px]:justify-center"
      >
        <span aria-hidden className={cx('size-2.5 shrink-0 rounded-full', COLOURS[lamp.colour])} />
        <span className="flex min-w-0 flex-1 flex-col leading-4 max-[760px]:sr-only">
          <span className="flex justify-between gap-2 text-ink">
            <span className="font-medium">{name}</span>
            {children}
          </span>
          <span className="truncate text-xs text-ink-3">{lamp.text}</span>
        </span>
      </a>
    </li>
  )
}

import { ArrowDownLeft, ArrowUpRight, Pickaxe } from 'lucide-react'
import type { HistoryEntry } from '../../api/schemas.ts'
import { count, counted } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { counts, stateWord, type Tone } from '../lib/sentences.ts'
import { AddressLink, linkClass } from '../ui/address.tsx'
import { Amount } from '../ui/amount.tsx'
import { cx } from '../ui/classes.ts'
import { WedgeAvatar } from '../ui/wedge.tsx'
import { WheelTop } from '../ui/wheel.tsx'

const KINDS = {
  sent: { icon: ArrowUpRight, word: 'Sent', colour: 'text-ink' },
  received: { icon: ArrowDownLeft, word: 'Received', colour: 'text-good' },
  reward: { icon: Pickaxe, word: 'Mined', colour: 'text-accent-text' },
} as const

/** The picture of a line: the wedge of the other side, or the wheel that was found, with the direction on it. */
export function KindPicture({ entry }: { readonly entry: HistoryEntry }) {
  const { icon: Icon, colour } = KINDS[entry.kind]
  return (
    <span className="relative inline-block size-9 shrink-0">
      {entry.counterparty ? <WedgeAvatar of={entry.counterparty} size={36} /> : <WheelTop smell={entry.smell ?? ''} size={36} />}
      <span className={cx('absolute -right-1 -bottom-1 grid size-4.5 place-items-center rounded-full border border-line bg-surface', colour)}>
        <Icon aria-hidden size={11} strokeWidth={2.5} />
      </span>
    </span>
  )
}

const TONES: Readonly<Record<Tone, string>> = { good: 'text-good', info: 'text-info', warn: 'text-warn', off: 'text-ink-3' }

/** Kind and state in words; a waiting payment of ours links to its journey, anything else to the explorer. */
export function KindAndState({ entry, brief = false }: { readonly entry: HistoryEntry; readonly brief?: boolean }) {
  const state = stateWord(entry)
  const href =
    entry.kind === 'sent' && entry.id
      ? hrefTo('send', 'journey', entry.id)
      : entry.id
        ? hrefTo('stack', entry.id)
        : entry.smell
          ? hrefTo('stack', entry.smell)
          : undefined
  return (
    <span className="flex min-w-0 flex-col">
      <a href={href} className="font-medium hover:underline">
        {KINDS[entry.kind].word}
      </a>
      <span className={cx('truncate text-[13px]', TONES[state.tone])} data-state={entry.state}>
        {state.text}
        {!brief && entry.state === 'confirmed' && entry.confirmations < 100 && (
          <span className="text-ink-3"> · {counted(entry.confirmations, 'confirmation')}</span>
        )}
      </span>
    </span>
  )
}

/** Who the other side is. */
export function OtherSide({ entry }: { readonly entry: HistoryEntry }) {
  if (entry.counterparty) return <AddressLink address={entry.counterparty} name={entry.name} />
  if (entry.height === null) return <span className="text-ink-3">Own reward</span>
  return (
    <a className={linkClass} href={hrefTo('stack', entry.smell ?? String(entry.height))}>
      Cheese #{count(entry.height)}
    </a>
  )
}

/** The amount with its direction; struck through when it never moved. */
export function SignedAmount({ entry }: { readonly entry: HistoryEntry }) {
  const stands = counts(entry)
  return (
    <Amount
      crumbs={entry.amount}
      sign={entry.kind === 'sent' ? '−' : '+'}
      className={cx(!stands && 'text-ink-2 line-through', stands && entry.kind !== 'sent' && 'text-good')}
    />
  )
}

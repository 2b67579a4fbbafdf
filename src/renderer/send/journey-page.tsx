import { Check, Circle, CircleDot, Minus } from 'lucide-react'
import { count } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { journeySentence, stateWord } from '../lib/sentences.ts'
import { useLive } from '../live.ts'
import { journey as journeyQuery } from '../queries.ts'
import { AddressLink, HashLink, textLinkClass } from '../ui/address.tsx'
import { Amount } from '../ui/amount.tsx'
import { buttonClass } from '../ui/button.tsx'
import { cx } from '../ui/classes.ts'
import { Facts } from '../ui/facts.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card, Page } from '../ui/page.tsx'
import { WheelTop } from '../ui/wheel.tsx'
import { SeenBy } from './seen-by.tsx'
import { type Step, stepsOf } from './steps.ts'

/** Where a payment of ours is, live until it is firm. */
export function JourneyPage({ id }: { readonly id: string }) {
  const { data: journey, error } = useLive(journeyQuery(id))
  const entry = journey?.entry
  return (
    <Page
      title="Journey"
      about={entry ? journeySentence(journey) : 'Looking for this payment…'}
      narrow
      action={
        <a href={hrefTo('send')} className={buttonClass('plain')}>
          Another payment
        </a>
      }
    >
      {error && <Notice kind="error">{error}</Notice>}
      {journey && entry && (
        <>
          <Card>
            <div className="mb-6 flex items-center justify-between gap-4">
              <p data-testid="journey-state" data-state={entry.state} data-confirmations={entry.confirmations} className="text-lg font-semibold">
                {stateWord(entry).text}
              </p>
              <Amount crumbs={entry.amount} sign="−" className="text-lg font-semibold" />
            </div>
            <Steps steps={stepsOf(journey)} />
            <SeenBy journey={journey} />
            {journey.smell && entry.height !== null && (
              <a
                href={hrefTo('stack', journey.smell)}
                className="mt-6 flex animate-drop items-center gap-3 rounded-lg border border-line bg-ground p-3 hover:bg-sunken"
              >
                <WheelTop smell={journey.smell} size={44} />
                <span>
                  In cheese <span className="mono font-medium">#{count(entry.height)}</span>
                </span>
              </a>
            )}
          </Card>
          <Card>
            <Facts
              rows={[
                ['To', entry.counterparty ? <AddressLink key="to" address={entry.counterparty} name={entry.name} wedge /> : 'Several addresses'],
                ['Amount', <Amount key="amount" crumbs={entry.amount} />],
                ['Fee', <Amount key="fee" crumbs={entry.fee} />],
                ['Memo', entry.memo || 'None'],
                ['Expires', journey.expiry === 0 ? 'Never' : `After height ${count(journey.expiry)}`],
                ['Your sequence', `${count(journey.sequence)}`],
                ['Transfer id', <HashLink key="id" hash={id} full />],
              ]}
            />
          </Card>
        </>
      )}
      <p className="text-ink-3">
        You can leave this page: the payment goes on by itself, and{' '}
        <a href={hrefTo('history')} className={textLinkClass}>
          the history
        </a>{' '}
        leads back here.
      </p>
    </Page>
  )
}

const LOOKS = {
  done: { icon: Check, dot: 'border-good bg-good text-surface', text: 'text-ink' },
  now: { icon: CircleDot, dot: 'border-info bg-surface text-info', text: 'text-ink' },
  ahead: { icon: Circle, dot: 'border-line bg-surface text-transparent', text: 'text-ink-3' },
  ended: { icon: Minus, dot: 'border-line bg-surface text-ink-3', text: 'text-ink-3' },
} as const

function Steps({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol className="grid grid-cols-5 max-[620px]:grid-cols-1 max-[620px]:gap-3">
      {steps.map((step, i) => {
        const { icon: Icon, dot, text } = LOOKS[step.state]
        return (
          <li
            key={step.name}
            aria-current={step.state === 'now' ? 'step' : undefined}
            className="relative flex flex-col items-center gap-1 text-center max-[620px]:flex-row max-[620px]:gap-3"
          >
            {i > 0 && (
              <span
                aria-hidden
                className={cx(
                  'absolute top-3.5 right-1/2 left-[-50%] h-0.5 max-[620px]:hidden',
                  step.state === 'done' || step.state === 'now' ? 'bg-good' : 'bg-line',
                )}
              />
            )}
            <span className={cx('relative z-[1] grid size-7 place-items-center rounded-full border-2', dot)}>
              <Icon aria-hidden size={14} strokeWidth={3} className={step.state === 'now' ? 'animate-breathe' : undefined} />
            </span>
            <span className={cx('mt-1 font-medium', text)}>{step.name}</span>
            <span className="text-[13px] text-ink-3">{step.detail}</span>
          </li>
        )
      })}
    </ol>
  )
}

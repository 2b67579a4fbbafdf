import { Slider } from 'radix-ui'
import { useState } from 'react'
import type { MiningStatus } from '../../api/schemas.ts'
import { count, counted, duration, hashRate } from '../lib/format.ts'
import { miningSentence } from '../lib/sentences.ts'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { onMining, useApp } from '../store.ts'
import { AddressLink } from '../ui/address.tsx'
import { Facts } from '../ui/facts.tsx'
import { NoWallet } from '../ui/no-wallet.tsx'
import { Card, Page } from '../ui/page.tsx'
import { MineToggle } from './mine-toggle.tsx'
import { OwnCheeses } from './own-cheeses.tsx'

/** The miner: on and off, how fast, and what it found. */
export function MinePage() {
  const mining = useApp((state) => state.status?.mining)
  if (!mining) return null
  return (
    <Page title="Mine" about="Your computer searches for a number that gives the next cheese a low smell. Whoever finds one first earns its reward.">
      <div className="grid grid-cols-[minmax(0,3fr)_minmax(0,2fr)] gap-6 max-[1000px]:grid-cols-1">
        {mining.address ? (
          <Miner mining={mining} />
        ) : (
          <Card>
            <NoWallet to="be paid for mining" />
          </Card>
        )}
        <Card title="What mining does">
          <div className="flex flex-col gap-3 text-ink-2">
            <p>Every cheese holds the transfers that were waiting. Finding one takes many tries and no skill: twice the hash rate finds twice as many.</p>
            <p>
              The reward and the fees of a found cheese are yours once it has ripened: some cheeses later, so that nobody spends one that another member's stack
              leaves behind.
            </p>
            <p>It uses the processor, and so electricity. Stop whenever you like: nothing is lost, every try stands alone.</p>
          </div>
        </Card>
      </div>
      <OwnCheeses />
    </Page>
  )
}

function Miner({ mining }: { readonly mining: MiningStatus }) {
  const [wanted, setWanted] = useState<number>()
  const threads = wanted ?? mining.threads
  const change = useAction(async (next: number) => onMining(await api.mining.set({ on: mining.on, threads: next })))
  return (
    <Card>
      <div className="mb-6 flex flex-wrap items-center justify-between gap-6">
        <MineToggle size="large" threads={threads} />
        <div className="ml-auto text-right">
          <p data-testid="hash-rate" className="mono text-3xl font-semibold tracking-tight">
            {hashRate(mining.hashRate)}
          </p>
          <p className="text-[13px] text-ink-3">hash rate: tries a second, last ten seconds</p>
        </div>
      </div>
      <p className="mb-6 min-h-10 text-ink-2" role="status">
        {miningSentence(mining)}
      </p>
      <div className="mb-6">
        <div className="mb-2 flex justify-between">
          <span id="threads" className="font-medium">
            Threads
          </span>
          <span className="text-ink-2">
            <span className="mono" data-testid="threads-value">
              {threads}
            </span>{' '}
            of {mining.maxThreads}
          </span>
        </div>
        <Slider.Root
          className="relative flex h-6 touch-none items-center"
          min={1}
          max={Math.max(mining.maxThreads, 1)}
          step={1}
          value={[threads]}
          disabled={mining.maxThreads <= 1}
          onValueChange={([next]) => setWanted(next)}
          onValueCommit={([next]) => next !== undefined && void change.run(next).finally(() => setWanted(undefined))}
        >
          <Slider.Track className="relative h-1.5 grow rounded-full bg-line">
            <Slider.Range className="absolute h-full rounded-full bg-accent" />
          </Slider.Track>
          <Slider.Thumb
            aria-labelledby="threads"
            aria-valuetext={counted(threads, 'thread')}
            className="block size-5 rounded-full border-2 border-accent-text bg-surface"
          />
        </Slider.Root>
        <p className="mt-1 min-h-5 text-[13px] text-ink-3">
          {change.error ?? 'Each thread keeps one processor core busy. Leave one or two for your other work.'}
        </p>
      </div>
      <Facts
        rows={[
          ['Next cheese', mining.expectedSeconds === null ? 'Not searched for now' : `about ${duration(mining.expectedSeconds)} on average`],
          [
            'Found since start',
            <span key="found" data-testid="found">
              {counted(mining.found, 'cheese', 'cheeses')}
            </span>,
          ],
          ['Paid to', mining.address ? <AddressLink key="to" address={mining.address} wedge /> : 'Nobody'],
          [
            'Search kernel',
            <span key="kernel" className="mono text-[13px]">
              {mining.kernel}
            </span>,
          ],
          ['Threads at work', mining.on ? count(mining.threads) : 'none'],
        ]}
      />
    </Card>
  )
}

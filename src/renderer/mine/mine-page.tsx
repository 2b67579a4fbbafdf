import { NoWallet } from '../ui/no-wallet.tsx'
import { Card, Page } from '../ui/page.tsx'
import { ChancesCard } from './chances-card.tsx'
import { EffortCard } from './effort-card.tsx'
import { HashRateCard } from './hash-rate-card.tsx'
import { MineHead } from './mine-head.tsx'
import { OwnCheeses } from './own-cheeses.tsx'
import { useMining } from './use-mining.ts'
import { WhenCard } from './when-card.tsx'

/** The miner: what it does, how fast, what to expect of it, what it found, and how it may use the computer. */
export function MinePage() {
  const mining = useMining()
  if (!mining) return null
  return (
    <Page title="Mine" about="Your computer searches for a number that gives the next cheese a low smell. Whoever finds one first earns its reward.">
      {mining.address ? (
        <MineHead mining={mining} />
      ) : (
        <Card>
          <NoWallet to="be paid for mining" />
        </Card>
      )}
      <HashRateCard mining={mining} />
      <ChancesCard mining={mining} />
      <div className="grid grid-cols-2 items-start gap-6 max-[1000px]:grid-cols-1">
        <EffortCard mining={mining} />
        <div className="flex flex-col gap-6">
          <WhenCard mining={mining} />
          <About />
        </div>
      </div>
      <OwnCheeses />
    </Page>
  )
}

function About() {
  return (
    <Card title="What mining does">
      <div className="flex flex-col gap-3 text-ink-2">
        <p>Every cheese holds the transfers that were waiting. Finding one takes many tries and no skill: twice the hash rate finds twice as many.</p>
        <p>
          The reward and the fees of a found cheese are yours once it has ripened: some cheeses later, so that nobody spends one that another member’s stack
          leaves behind.
        </p>
        <p>It uses the processor, and so electricity. Stop whenever you like: nothing is lost, every try stands alone.</p>
      </div>
    </Card>
  )
}

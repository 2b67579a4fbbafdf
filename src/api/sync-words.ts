import type { SyncStatus } from './schemas.ts'

/** What every face says of a sync, so that none of them says more than is known. */
export interface SyncWords {
  /** `2 of 3`: members, headers, cheeses. */
  readonly step: string
  /** `Headers 12,000 of 40,000` */
  readonly stage: string
  /** `45 cheeses/s · 9,010 transfers/s · 1.3 MB/s`, or a dash. */
  readonly rate: string
  /** `about 3 minutes left`, or that it is not known. */
  readonly left: string
  /** `from Alice, Bob and 2 more`, or that nobody serves. */
  readonly servers: string
  /** Why the bar went back, or undefined. */
  readonly setback: string | undefined
}

const SETBACKS = {
  longer: 'The stack is longer than was known.',
  branch: 'Another branch has more work: its cheeses are checked now.',
} as const
/** Servers called by name; the others are counted. */
const NAMED = 2

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const small = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 })
const figure = (value: number) => (value < 10 ? small : whole).format(value)

function size(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${whole.format(bytes / 1000)} kB`
}

function duration(seconds: number): string {
  const units = [
    [90, 1, 'second'],
    [5400, 60, 'minute'],
    [129_600, 3600, 'hour'],
    [Number.POSITIVE_INFINITY, 86_400, 'day'],
  ] as const
  const [, per, name] = units.find(([below]) => seconds < below) ?? units[3]
  const count = Math.max(1, Math.round(seconds / per))
  return `${whole.format(count)} ${name}${count === 1 ? '' : 's'}`
}

function rateOf({ stage, headersPerSecond, cheesesPerSecond, transfersPerSecond, bytesPerSecond }: SyncStatus): string {
  if (stage === 'headers') return headersPerSecond === null ? '—' : `${figure(headersPerSecond)} headers/s`
  const parts = [
    cheesesPerSecond === null ? [] : `${figure(cheesesPerSecond)} cheeses/s`,
    transfersPerSecond === null ? [] : `${figure(transfersPerSecond)} transfers/s`,
    bytesPerSecond === null ? [] : `${size(bytesPerSecond)}/s`,
  ].flat()
  return parts.length === 0 ? '—' : parts.join(' · ')
}

function serversOf({ servers }: SyncStatus): string {
  if (servers.length === 0) return 'nobody serves now'
  const names = servers.slice(0, NAMED).map(({ nickname, memberId }) => nickname || `member ${memberId.slice(0, 8)}`)
  const more = servers.length - names.length
  return `from ${more > 0 ? `${names.join(', ')} and ${more} more` : names.join(' and ')}`
}

/** What there is to say of a sync; undefined while there is nothing to catch up. */
export function syncWords(sync: SyncStatus): SyncWords | undefined {
  if (sync.progress === null) return undefined
  const { stage, height, bestHeight, claimedHeight, secondsLeft } = sync
  const of = (done: number, all: number) => `${whole.format(done)} of ${whole.format(Math.max(done, all))}`
  const common = { rate: rateOf(sync), servers: serversOf(sync), setback: sync.setback === null ? undefined : SETBACKS[sync.setback] }
  const left = secondsLeft === null ? 'time left —' : `about ${duration(secondsLeft)} left`
  switch (stage) {
    case 'headers':
      return { ...common, step: '2 of 3', stage: `Headers ${of(bestHeight, claimedHeight ?? bestHeight)}`, left }
    case 'bodies':
      return { ...common, step: '3 of 3', stage: `Cheeses ${of(height, bestHeight)}`, left }
    default:
      return { ...common, step: '1 of 3', stage: `Waiting for a member: cheeses ${of(height, bestHeight)}`, left: 'time left —' }
  }
}

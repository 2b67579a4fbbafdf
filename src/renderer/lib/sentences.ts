import type { HistoryEntry, JoinedTracker, Journey, Status, SyncStatus } from '../../api/schemas.ts'
import { count, counted } from './format.ts'

/** What the member's state means, in sentences. */

/** With nobody connected nothing is known of the others, whatever was known before: that is never called in step. */
const stageOf = (sync: SyncStatus, peers: number) => (peers === 0 ? 'alone' : sync.stage)

/** The stack's state in one truthful sentence. */
export function syncSentence(sync: SyncStatus, peers: number): string {
  switch (stageOf(sync, peers)) {
    case 'alone':
      return `No member is connected, so height ${count(sync.height)} is only what this computer knows.`
    case 'headers':
      return `Asking ${counted(peers, 'member')} how far the stack goes: height ${count(sync.bestHeight)} so far.`
    case 'bodies':
      return `Checking cheese ${count(sync.height)} of ${count(sync.bestHeight)}. Balances are those of height ${count(sync.height)}.`
    case 'synced':
      return `In step with ${counted(peers, 'member')} at height ${count(sync.height)}.`
  }
}

export type LampColour = 'good' | 'busy' | 'warn' | 'bad' | 'off'

export interface Lamp {
  readonly colour: LampColour
  /** What it says, in a few words. */
  readonly text: string
}

/** The sync lamp. */
export function syncLamp(sync: SyncStatus, peers: number): Lamp {
  switch (stageOf(sync, peers)) {
    case 'alone':
      return { colour: 'warn', text: 'No members' }
    case 'headers':
      return { colour: 'busy', text: 'Finding the tip' }
    case 'bodies':
      return { colour: 'busy', text: `Syncing ${Math.floor((sync.progress ?? 0) * 100)} %` }
    case 'synced':
      return { colour: 'good', text: 'In step' }
  }
}

/** The tracker lamp. */
export function trackerLamp(tracker: Status['tracker']): Lamp {
  const others = tracker.joined.filter((one) => !one.own)
  const joined = others.filter((one) => one.state === 'joined').length
  const failing = others.some((one) => one.state === 'failing')
  const hosting = tracker.hosting !== null ? 'Hosting' : ''
  const joins = joined === 0 ? '' : failing ? `${joined} of ${counted(others.length, 'tracker')}` : counted(joined, 'tracker')
  if (hosting || joins) return { colour: failing ? 'warn' : 'good', text: [hosting, joins].filter(Boolean).join(', ') }
  if (failing) return { colour: 'bad', text: 'No answer' }
  return others.length > 0 ? { colour: 'busy', text: 'Trying' } : { colour: 'off', text: 'None' }
}

/** What a joined tracker's state means. `answering`: how many trackers do answer. */
export function trackerSentence(tracker: JoinedTracker, answering: number): string {
  if (tracker.state === 'trying') return 'Being asked for the first time.'
  if (tracker.state === 'failing') {
    const why = tracker.error ?? 'It does not answer. It is asked again by itself.'
    const rest =
      answering === 0
        ? 'No other tracker answers either: join another one, so that new members are found.'
        : `${answering === 1 ? 'Another tracker lists' : `${count(answering)} other trackers list`} you meanwhile: wait, or leave this one if it is gone for good.`
    return `${why} ${rest}`
  }
  const reach =
    tracker.reachable === null
      ? 'Whether others can reach you is not known yet.'
      : tracker.reachable
        ? 'It could call you back: others can reach you.'
        : 'It could not call you back: you can reach others, they cannot reach you.'
  return `It lists you. ${reach}`
}

export type Tone = 'good' | 'info' | 'warn' | 'off'

/** The state of a line of the history, in a word or two. */
export function stateWord(entry: Pick<HistoryEntry, 'kind' | 'state' | 'confirmations'>): { readonly text: string; readonly tone: Tone } {
  switch (entry.state) {
    case 'waiting':
      return { text: entry.kind === 'received' ? 'Arriving' : 'Waiting', tone: 'info' }
    case 'confirmed':
      return { text: 'Confirmed', tone: 'good' }
    case 'ripening':
      return { text: 'Ripening', tone: 'info' }
    case 'expired':
      return { text: 'Expired', tone: 'warn' }
    case 'replaced':
      return { text: 'Replaced', tone: 'off' }
    case 'cancelled':
      return { text: 'Cancelled', tone: 'off' }
  }
}

/** Whether the money of this line moved, or still may. */
export function counts(entry: Pick<HistoryEntry, 'state'>): boolean {
  return entry.state === 'waiting' || entry.state === 'confirmed' || entry.state === 'ripening'
}

/** Where a payment is, in one sentence. */
export function journeySentence(journey: Journey): string {
  const { entry } = journey
  switch (entry.state) {
    case 'waiting': {
      if (journey.peers === 0) return 'It is signed and kept. No member is connected: it is shared as soon as one is.'
      const place =
        journey.ahead === null
          ? ''
          : journey.ahead === 0
            ? ' It is first in line for the next cheese.'
            : ` ${counted(journey.ahead, 'transfer')} ${journey.ahead === 1 ? 'goes' : 'go'} before it.`
      return `It waits to be put into a cheese.${place}`
    }
    case 'confirmed':
      return `It is in cheese #${count(entry.height ?? 0)} with ${counted(entry.confirmations, 'confirmation')}. Each cheese on top makes it firmer.`
    case 'expired':
      return 'It was in no cheese before it expired. The cheese is yours to spend again.'
    case 'replaced':
      return 'Another transfer of yours took its place.'
    case 'cancelled':
      return 'It was cancelled: its place was taken by a payment to yourself.'
    case 'ripening':
      return 'It ripens.'
  }
}

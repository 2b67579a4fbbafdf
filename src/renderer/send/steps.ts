import type { Journey } from '../../api/schemas.ts'
import { count, counted } from '../lib/format.ts'

export interface Step {
  readonly name: string
  readonly detail: string
  readonly state: 'done' | 'now' | 'ahead' | 'ended'
}

/** From here on a payment counts as firm. */
export const FIRM = 6

/** The journey of a payment as steps: signed → seen → waiting → in a cheese → confirmed. */
export function stepsOf({ entry, seenBy, peers, ahead }: Journey): Step[] {
  const ended = entry.state === 'expired' || entry.state === 'replaced' || entry.state === 'cancelled'
  const inCheese = entry.state === 'confirmed'
  const firm = inCheese && entry.confirmations >= FIRM
  const rest = ended ? 'ended' : 'ahead'
  return [
    { name: 'Signed', detail: 'by your key', state: 'done' },
    {
      name: 'Shared',
      detail: inCheese ? 'with the network' : `seen by ${count(seenBy)} of ${counted(peers, 'member')}`,
      state: inCheese || seenBy > 0 ? 'done' : ended ? 'ended' : 'now',
    },
    {
      name: 'Waiting',
      detail: ended ? 'no longer' : inCheese ? 'over' : ahead === null ? 'for a cheese' : ahead === 0 ? 'first in line' : `${count(ahead)} ahead of it`,
      state: inCheese ? 'done' : ended ? 'ended' : seenBy > 0 ? 'now' : 'ahead',
    },
    { name: 'In a cheese', detail: inCheese && entry.height !== null ? `#${count(entry.height)}` : 'not yet', state: inCheese ? 'done' : rest },
    {
      name: 'Confirmed',
      detail: inCheese ? (firm ? counted(entry.confirmations, 'time') : `${count(entry.confirmations)} of ${FIRM}`) : `0 of ${FIRM}`,
      state: firm ? 'done' : inCheese ? 'now' : rest,
    },
  ]
}

import type { Attack } from '../support/attack.ts'
import { badAccountsRoot, badCheeseSignature, doubleSpend, otherBody } from './bad-bodies.ts'
import { badSignatures, conflicting, duplicates, penniless } from './bad-transfers.ts'
import { badWork } from './bad-work.ts'
import { cardFlood, forgedCards } from './cards.ts'
import { inventedIds, partsAsking, pushedCompacts, sameIds, silentCompacts } from './compacts.ts'
import { bodiesAsking, goodbyes, headersAsking, inventoryAsking, inventorySpam, pings, unasked } from './floods.ts'
import { oversized, slowReading, slowWriting, truncated, unknownTypes, unreadable } from './frames.ts'
import { garbage, otherKeys } from './handshakes.ts'
import { cheapHeaders, orphanHeaders } from './headers.ts'
import { halfOpen, probes, reconnects, strangers } from './storms.ts'
import { bombs, forgedAnnounces, slowloris } from './tracker.ts'

/** One after the other, against one victim. */
export const attacks: readonly Attack[] = [
  badWork,
  badSignatures,
  badAccountsRoot,
  badCheeseSignature,
  otherBody,
  doubleSpend,
  oversized,
  truncated,
  unreadable,
  unknownTypes,
  slowReading,
  slowWriting,
  unasked,
  inventorySpam,
  inventoryAsking,
  headersAsking,
  bodiesAsking,
  pings,
  goodbyes,
  cheapHeaders,
  orphanHeaders,
  duplicates,
  conflicting,
  penniless,
  reconnects,
  strangers,
  probes,
  halfOpen,
  garbage,
  otherKeys,
  forgedCards,
  cardFlood,
  forgedAnnounces,
  bombs,
  slowloris,
  pushedCompacts,
  partsAsking,
  inventedIds,
  sameIds,
  silentCompacts,
]

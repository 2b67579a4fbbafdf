import type { Alone } from '../api/schemas-network.ts'
import type { ConnectError } from '../net/connector.ts'

/** What became of a dial: what we found, or what the other side said. */
export type DialFailure = Pick<ConnectError, 'code' | 'message' | 'goodbye'>

/** What there is to tell from why nobody is connected. */
export interface AloneFacts {
  readonly peers: number
  /** Whether this machine is in a network. */
  readonly online: boolean
  /** `HOST:PORT` of the proxy, or null. */
  readonly proxy: string | null
  /** The trackers that were joined. */
  readonly trackers: readonly { readonly url: string; readonly state: 'trying' | 'joined' | 'failing'; readonly error: string | null }[]
  /** Addresses of members that may be dialled. */
  readonly known: number
  /** Bans in force: those members and addresses are not dialled. */
  readonly bans: number
  /** What became of the last dial of each address, since somebody was last connected. */
  readonly failures: readonly DialFailure[]
}

const counted = (count: number, one: string, many: string) => (count === 1 ? `the one ${one}` : `all ${count} ${many}`)

/** Why nobody is connected, and what to do; null when somebody is. The cause that explains the others comes first. */
export function aloneBecause(facts: AloneFacts): Alone | null {
  const { peers, online, proxy, trackers, known, bans, failures } = facts
  if (peers > 0) return null
  if (!online)
    return { words: 'This computer is in no network.', repair: 'Plug in the cable or join a Wi-Fi network: members are dialled as soon as there is one.' }
  const proxyFailure = failures.find(({ code }) => code === 'proxy')
  if (proxy !== null && proxyFailure) return { words: `The proxy at ${proxy} does not let you through.`, repair: proxyFailure.message }
  const failing = trackers.filter(({ state }) => state === 'failing')
  const allFail = trackers.length > 0 && failing.length === trackers.length
  if (known === 0 && trackers.length > 0 && trackers.every(({ state }) => state === 'trying'))
    return { words: 'Your trackers are being asked who is online.', repair: 'Wait a moment.' }
  if (known === 0) return nobodyKnown(trackers.length, allFail, failing[0]?.error ?? null)
  if (failures.length === 0) {
    const places = known === 1 ? 'one address is known' : `${known} addresses are known`
    if (bans === 0) return { words: 'Members are being dialled.', repair: `Wait a moment: ${places}.` }
    return {
      words: 'Members are being dialled, but none that is banned.',
      repair: `So far ${places}, and ${bans === 1 ? 'one ban is' : `${bans} bans are`} in force: lift a ban in the list of bans, or add another member by its address.`,
    }
  }
  return tried(facts, allFail)
}

function nobodyKnown(joined: number, allFail: boolean, error: string | null): Alone {
  if (joined === 0)
    return {
      words: 'No other member is known yet.',
      repair: 'Join a tracker, or add a member by its address. If you are the first of your network, mine and invite others.',
    }
  if (!allFail)
    return {
      words: 'No other member is online at your trackers.',
      repair: 'Nothing is wrong: you are connected as soon as somebody comes. Join another tracker to meet more members.',
    }
  return {
    words: joined === 1 ? 'Your tracker does not answer, and no other member is known.' : 'None of your trackers answers, and no other member is known.',
    repair: `${error === null ? '' : `${error} `}Join another tracker, or add a member by its address.`,
  }
}

/** What all those who were dialled have in common, if anything. */
const COMMON: readonly { readonly when: (failure: DialFailure) => boolean; readonly words: (who: string) => string; readonly repair: string }[] = [
  {
    when: ({ code }) => code === 'banned',
    words: (who) => `You have banned ${who} that you know.`,
    repair: 'Lift a ban in the list of bans, or add another member by its address.',
  },
  {
    when: ({ code, goodbye }) => code === 'version' || goodbye === 'version',
    words: (who) => `You dialled ${who}, and they speak another version of the members’ language.`,
    repair: 'Install the latest version of Cheese Stack.',
  },
  {
    when: ({ code, goodbye }) => code === 'other-network' || goodbye === 'other-network',
    words: (who) => `You dialled ${who}, and they belong to another network.`,
    repair: 'Check that you and your friends started the same network, and that the tracker or address is the right one.',
  },
  {
    when: ({ goodbye }) => goodbye === 'full',
    words: (who) => `You dialled ${who} that you know, and they have no room for another.`,
    repair: 'They are tried again by themselves. Join a tracker to meet more members.',
  },
  {
    when: ({ goodbye }) => goodbye === 'banned',
    words: (who) => `You dialled ${who} that you know, and they refuse you for now.`,
    repair: 'A refusal ends by itself within a day. Check that your clock is right and that you run the latest version of Cheese Stack.',
  },
  {
    when: ({ code }) => code === 'unreachable',
    words: (who) => `There is no way from here to ${who} that you know.`,
    repair: 'Check your connection to the internet; a firewall or a VPN may stand in the way.',
  },
]

function tried({ known, failures }: AloneFacts, allFail: boolean): Alone {
  const who = counted(failures.length, 'member', 'members')
  const common = COMMON.find(({ when }) => failures.every(when))
  if (common) return { words: common.words(who), repair: common.repair }
  const [only] = failures
  if (failures.length === 1 && known === 1 && only) return { words: 'The one member that you know cannot be reached.', repair: only.message }
  return {
    words: `${failures.length} of ${Math.max(known, failures.length)} known addresses were dialled, and nobody answered.`,
    repair: allFail
      ? 'Your trackers do not answer either: check your connection to the internet, and that no firewall holds Cheese Stack back.'
      : 'They are tried again by themselves. Join another tracker, or add a member by its address.',
  }
}

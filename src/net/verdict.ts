/** Whether the world can dial us: what others said of it, weighed, and put into words. */

/** What somebody found who dialled us. Nobody's word is proof; several that do not know each other are as good as one. */
export interface Word {
  readonly from: 'tracker' | 'member'
  /** Who that is, as far as it matters whether two are one: an address group, or a name. */
  readonly group: string
  readonly answers: boolean
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface VerdictFacts {
  /** Whether we take connections at all, and at which port others have to dial (that of the router, where it maps one). */
  readonly port: number | undefined
  /** Why we take none: a proxy stands for us, or it was asked for. */
  readonly proxied: boolean
  /** Whether this machine is in a network. */
  readonly online: boolean
  readonly checking: boolean
  readonly words: readonly Word[]
  /** When somebody from outside last came in by himself, milliseconds since 1970. */
  readonly cameIn: number | undefined
  /** What keeps the router from letting others in, as a sentence. */
  readonly obstacle: string | undefined
}

export interface Judgement {
  readonly verdict: 'unknown' | 'checking' | 'open' | 'closed' | 'outbound-only' | 'offline'
  readonly words: string
  readonly repair: string | null
  /** Unix seconds. */
  readonly checkedAt: number | null
  readonly basis: 'tracker' | 'member' | null
}

/** Members from so many groups must have tried in vain before their word makes a “closed”: a stranger says what it likes. */
export const GROUPS_FOR_CLOSED = 2

/** Weighs it. One that got through outweighs those that did not: that cannot be said by mistake, and to believe it wrongly costs little. */
export function judge(facts: VerdictFacts): Judgement {
  const { words, cameIn, port } = facts
  const latest = Math.max(...words.map(({ at }) => at), cameIn ?? Number.NEGATIVE_INFINITY)
  const checkedAt = Number.isFinite(latest) ? Math.floor(latest / 1000) : null
  const say = (verdict: Judgement['verdict'], text: string, repair: string | null, basis: Judgement['basis'] = null): Judgement => ({
    verdict,
    words: text,
    repair,
    checkedAt,
    basis,
  })
  if (!facts.online) return say('offline', 'This computer is in no network.', 'Plug in the cable or join a Wi-Fi network: Cheese Stack goes on by itself.')
  if (port === undefined) {
    return facts.proxied
      ? say('outbound-only', 'You dial others through the proxy, and nobody can dial you. Sending, receiving and mining work all the same.', null)
      : say('outbound-only', 'This member takes no connections. Sending, receiving and mining work all the same.', null)
  }
  const good = words.filter(({ answers }) => answers)
  const tracker = good.find(({ from }) => from === 'tracker')
  if (tracker) return say('open', 'Others can reach you: a tracker dialled this member, and it answered.', null, 'tracker')
  if (good.length > 0) return say('open', 'Others can reach you: another member dialled this one, and it answered.', null, 'member')
  if (cameIn !== undefined) return say('open', 'Others can reach you: a member has connected to this one by itself.', null, 'member')
  const bad = words.filter(({ answers }) => !answers)
  const byTracker = bad.some(({ from }) => from === 'tracker')
  const groups = new Set(bad.map(({ group }) => group)).size
  if (byTracker || groups >= GROUPS_FOR_CLOSED) {
    const forward = `Forward TCP port ${port} to this computer on your router, or switch on UPnP or PCP there; a firewall on this computer must let it through too.`
    return say(
      'closed',
      'Others cannot dial you: your router or a firewall turns them away. Sending, receiving and mining work all the same; you help the network less.',
      facts.obstacle === undefined ? forward : `${facts.obstacle} ${forward}`,
      byTracker ? 'tracker' : 'member',
    )
  }
  if (facts.checking) return say('checking', 'Others are asked to dial this member …', null)
  return say('unknown', 'Nobody has tried yet whether you can be reached.', 'Join a tracker or connect to members: they try it, and say what came of it.')
}

/** Messages about other members, and about whether we can be reached ourselves. */
import type { WireReader } from '../util/wire.ts'
import { MAX_CARD_LENGTH, MAX_CARDS } from './limits.ts'
import { atMost, type Codecs, many } from './messages-codec.ts'

/** What is to answer at a port: a member, or a tracker. */
export type PortKind = 'member' | 'tracker'
/** What came of dialling a port. `not-tried` tells nothing: it was asked too often, or is not dialled by whoever was asked. */
export type PortAnswer = 'not-tried' | 'answers' | 'nobody'

export type MemberMessage =
  | { readonly type: 'getCards' }
  | { readonly type: 'cards'; readonly cards: readonly Uint8Array[] }
  /** Please dial me at the address that you see, at this port. */
  | { readonly type: 'checkPort'; readonly request: number; readonly port: number; readonly what: PortKind }
  /** `dialled`: the IP address that was seen, of 4 or 16 bytes; empty where there is none. */
  | { readonly type: 'portChecked'; readonly request: number; readonly verdict: PortAnswer; readonly dialled: Uint8Array }

const KINDS: readonly (PortKind | undefined)[] = [undefined, 'member', 'tracker']
const ANSWERS: readonly PortAnswer[] = ['not-tried', 'answers', 'nobody']

export const MEMBER_CODECS: Codecs<MemberMessage> = {
  getCards: { write: () => undefined, read: () => ({ type: 'getCards' }) },
  cards: {
    write(out, m) {
      out.u8(m.cards.length)
      for (const card of m.cards) out.u16(card.length).bytes(card)
    },
    read: (input) => ({
      type: 'cards',
      cards: many(atMost(input, input.u8(), MAX_CARDS), () => input.bytes(atMost(input, input.u16(), MAX_CARD_LENGTH)), input),
    }),
  },
  checkPort: {
    write: (out, { request, port, what }) => void out.u32(request).u16(port).u8(KINDS.indexOf(what)),
    read: (input) => ({ type: 'checkPort', request: input.u32(), port: input.u16(), what: oneOf(input, KINDS, 'member') }),
  },
  portChecked: {
    write: (out, { request, verdict, dialled }) => void out.u32(request).u8(ANSWERS.indexOf(verdict)).bytes8(dialled),
    read: (input) => ({ type: 'portChecked', request: input.u32(), verdict: oneOf(input, ANSWERS, 'not-tried'), dialled: address(input) }),
  },
}

/** What the next byte names in `list`; `instead`, and a failed read, where it names nothing. */
function oneOf<T>(input: WireReader, list: readonly (T | undefined)[], instead: T): T {
  const named = list[input.u8()]
  if (named === undefined) input.fail()
  return named ?? instead
}

function address(input: WireReader): Uint8Array {
  const bytes = input.bytes8(16)
  if (bytes.length !== 0 && bytes.length !== 4 && bytes.length !== 16) input.fail()
  return bytes
}

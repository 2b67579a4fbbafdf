/** Messages about other members. */
import { MAX_CARD_LENGTH, MAX_CARDS } from './limits.ts'
import { atMost, type Codecs, many } from './messages-codec.ts'

export type MemberMessage = { readonly type: 'getCards' } | { readonly type: 'cards'; readonly cards: readonly Uint8Array[] }

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
}

import type { BodySync } from './body-sync.ts'
import type { CheeseRelay } from './cheese-relay.ts'
import type { NetContext } from './context.ts'
import type { Gossip } from './gossip.ts'
import type { HeaderSync } from './header-sync.ts'
import { type Message, shareOf } from './messages.ts'
import type { Peer } from './peer.ts'
import type { PortCheck } from './port-check.ts'
import type { TransferRelay } from './relay.ts'

/** The parts that take messages. */
export interface Parts {
  readonly headers: HeaderSync
  readonly bodies: BodySync
  readonly cheeses: CheeseRelay
  readonly transfers: TransferRelay
  readonly gossip: Gossip
  readonly ports: PortCheck
}

/** Hands a peer's message to the part that it is for, as long as the peer does not send more than its share. Never throws: what a disk has lost is no reason to end. */
export function dispatch(context: NetContext, parts: Parts, peer: Peer, message: Message): void {
  try {
    hand(context, parts, peer, message)
  } catch (error) {
    bug(context, error)
  }
}

function hand(context: NetContext, parts: Parts, peer: Peer, message: Message): void {
  const share = shareOf(message.type)
  if (share !== 'answer' && share !== 'items' && !allowed(context, peer, peer.limits[share].take())) return
  switch (message.type) {
    case 'headers':
      if (message.request === 0 && !allowed(context, peer, peer.limits.announce.take())) return
      return void parts.headers.onHeaders(peer, message.request, message.headers).catch((error: unknown) => bug(context, error))
    case 'body':
      parts.bodies.onBody(peer, message.smell, message.body)
      return
    case 'transfer':
      return void parts.transfers.onTransfer(peer, message.bytes).catch((error: unknown) => bug(context, error))
    case 'compact':
      return void parts.bodies.compacts.onCompact(peer, message).catch((error: unknown) => bug(context, error))
    case 'missing':
      return void parts.bodies.compacts.onMissing(peer, message.smell, message.transfers).catch((error: unknown) => bug(context, error))
    case 'getBodies':
      parts.cheeses.onGetBodies(peer, message.smells)
      return
    case 'getCompact':
      parts.cheeses.onGetCompact(peer, message.smell)
      return
    case 'getMissing':
      parts.cheeses.onGetMissing(peer, message.smell, message.indexes)
      return
    case 'hello':
      context.punish(peer, 'malformed', 'a second hello')
      return
    case 'goodbye':
      peer.channel.connection.close(`the other side said goodbye: ${message.code}`)
      return
    case 'ping':
      return void peer.answer(() => ({ type: 'pong', nonce: message.nonce }))
    case 'pong':
      return void peer.pong(message.nonce)
    case 'getHeaders':
      parts.cheeses.onGetHeaders(peer, message.request, message.locator)
      return
    case 'sendCompact':
      peer.wants = message.mode
      return
    case 'notFound':
      message.what === 'body' ? parts.bodies.onNotFound(peer, message.ids) : parts.transfers.onNotFound(peer, message.ids)
      return
    case 'getInventory':
      parts.transfers.onGetInventory(peer)
      return
    case 'inv':
      parts.transfers.onInventory(peer, message.ids)
      return
    case 'getTransfers':
      parts.transfers.onGetTransfers(peer, message.ids)
      return
    case 'getCards':
      parts.gossip.onGetCards(peer)
      return
    case 'cards':
      parts.gossip.onCards(peer, message.cards)
      return
    case 'checkPort':
      parts.ports.onCheckPort(peer, message.request, message.port, message.what)
      return
    case 'portChecked':
      parts.ports.onPortChecked(peer, message.request, message.verdict, message.dialled)
      return
  }
}

/** Messages above a peer's share are dropped; that costs it points, but not for every single one. */
function allowed(context: NetContext, peer: Peer, within: boolean): boolean {
  if (!within && peer.limits.complaint.take()) context.punish(peer, 'spam', 'too many messages')
  return within
}

function bug(context: NetContext, error: unknown): void {
  context.log.error('a message could not be dealt with', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}

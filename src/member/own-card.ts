import type { Params } from '../consensus/params.ts'
import { type Card, makeCard } from '../net/card.ts'
import { type Certificate, certificateHash, decodeCertificate, encodeCertificate } from '../net/certificate.ts'
import type { Identity } from '../net/identity.ts'
import { equalBytes, fromHex } from '../util/bytes.ts'
import { type Endpoint, formatEndpoint, isGlobal, isLoopback } from '../util/ip.ts'
import type { Clock } from '../util/ports.ts'
import type { CertifyRequest } from '../wallet/ports.ts'

/** A card is made anew at the latest after this, well before it runs out (24 hours). */
const RENEW_MS = 60 * 60_000

export interface OwnCardDeps {
  readonly identity: Identity
  readonly params: Params
  readonly clock: Clock
  /** Name and version of our software. */
  readonly software: string
  /** The wallet's certificate, its bytes, or undefined. */
  readonly certificate: () => Uint8Array | undefined
  /** Nickname of a member without a certificate. */
  readonly nickname: () => string
  readonly height: () => number
}

/** The card that this member shows of itself: made anew when what it says changed, and every hour. */
export class OwnCard {
  readonly #deps: OwnCardDeps
  #endpoints: readonly Endpoint[] = []
  #card: Card | undefined
  #madeAt = 0
  #said = ''

  constructor(deps: OwnCardDeps) {
    this.#deps = deps
  }

  /** Whether a certificate's bytes are for this member's network key. */
  isCurrent(bytes: Uint8Array): boolean {
    const certificate = decodeCertificate(bytes)
    return certificate !== undefined && equalBytes(certificate.memberId, fromHex(this.#deps.identity.memberId))
  }

  /** A certificate for the payment key, as the wallet asks for when it is open. */
  certify({ nickname, publicKey, sign }: CertifyRequest): Uint8Array {
    const { params, identity, clock } = this.#deps
    const fields = { nickname, paymentKey: publicKey, memberId: fromHex(identity.memberId), time: Math.floor(clock.now() / 1000) }
    return encodeCertificate({ ...fields, signature: sign(certificateHash(fields, params.blueSmell)) })
  }

  /** Where others have seen us or can dial us, as far as it is worth telling strangers. Says whether that is news. */
  setEndpoints(endpoints: readonly Endpoint[]): boolean {
    const { params } = this.#deps
    const worth = endpoints.filter(({ ip, port }) => port !== 0 && (isGlobal(ip) || (params.network === 'regtest' && isLoopback(ip))))
    const news = worth.map(formatEndpoint).join() !== this.#endpoints.map(formatEndpoint).join()
    this.#endpoints = worth.slice(0, 4)
    return news
  }

  /** The card of now. */
  current(): Card {
    const { identity, params, clock, software } = this.#deps
    const certificate = this.#certificate()
    const nickname = certificate?.nickname ?? this.#deps.nickname()
    const said = JSON.stringify([nickname, certificate?.time, this.#endpoints.map(formatEndpoint)])
    const now = clock.now()
    if (this.#card && said === this.#said && now - this.#madeAt < RENEW_MS) return this.#card
    // Only a greater time replaces a card, also when two changes fall into one second.
    const time = Math.max(Math.floor(now / 1000), (this.#card?.time ?? 0) + 1)
    this.#card = makeCard(
      { blueSmell: params.blueSmell, certificate, nickname, endpoints: this.#endpoints, height: this.#deps.height(), software, time },
      identity,
    )
    this.#madeAt = now
    this.#said = said
    return this.#card
  }

  #certificate(): Certificate | undefined {
    const bytes = this.#deps.certificate()
    return bytes && this.isCurrent(bytes) ? decodeCertificate(bytes) : undefined
  }
}

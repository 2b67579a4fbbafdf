import { createECDH } from 'node:crypto'
import { SPKI_BYTES } from '../net/identity.ts'
import { sessionKey } from './session.ts'

const POINT_BYTES = 65

/** A tracker's own half of its members' session keys: made anew at each start, kept nowhere. */
export class SessionHost {
  readonly #ecdh = createECDH('prime256v1')
  /** Its public key: an uncompressed point, 65 bytes. */
  readonly point: Uint8Array = new Uint8Array(this.#ecdh.generateKeys())

  /** The key of a session with the member of this network key; undefined when that is no point of the curve. */
  keyFor(spki: Uint8Array): Uint8Array | undefined {
    try {
      return sessionKey(new Uint8Array(this.#ecdh.computeSecret(spki.subarray(SPKI_BYTES - POINT_BYTES))), spki, this.point)
    } catch {
      return undefined
    }
  }
}

import { taggedHash } from '../consensus/hash.ts'
import { publicKeyOf, sign, verifySignature } from '../consensus/signature.ts'
import { checkNickname, MAX_NICKNAME_BYTES } from '../util/nickname.ts'
import { WireReader, WireWriter } from '../util/wire.ts'

/** How long a certificate is good, seconds: 90 days. */
export const CERTIFICATE_SECONDS = 90 * 24 * 3600

/** What a payment key says about a member: "this network key, under this nickname, is paid at my address". */
export interface Certificate {
  readonly nickname: string
  /** X-only secp256k1 key that payments go to, 32 bytes. */
  readonly paymentKey: Uint8Array
  /** SHA-256 of the member's SPKI, 32 bytes. */
  readonly memberId: Uint8Array
  /** Unix seconds at which it was made. */
  readonly time: number
  /** BIP 340 by the payment key, 64 bytes. */
  readonly signature: Uint8Array
}

export type CertificateFields = Omit<Certificate, 'signature'>

/** The fields as they are signed and sent: u8 length ‖ nickname · payment key 32 · member id 32 · time u32. */
function encodeFields(fields: CertificateFields): Uint8Array {
  return new WireWriter().text8(fields.nickname).bytes(fields.paymentKey, 32).bytes(fields.memberId, 32).u32(fields.time).done()
}

/** What the payment key signs: tagged hash `Cheese/certificate` of (blue cheese smell ‖ fields). */
export function certificateHash(fields: CertificateFields, blueSmell: Uint8Array): Uint8Array {
  return taggedHash('Cheese/certificate', blueSmell, encodeFields(fields))
}

/** A certificate signed with the payment key's secret (32 bytes). The nickname must have passed checkNickname, else it throws. */
export function makeCertificate(fields: Omit<CertificateFields, 'paymentKey'>, blueSmell: Uint8Array, secretKey: Uint8Array): Certificate {
  const checked = checkNickname(fields.nickname)
  if (!checked.ok || checked.value !== fields.nickname) throw new Error('bug: unchecked nickname in a certificate')
  const full = { ...fields, paymentKey: publicKeyOf(secretKey) }
  return { ...full, signature: sign(certificateHash(full, blueSmell), secretKey) }
}

/** The certificate's bytes: its fields and the signature. */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  return new WireWriter().bytes(encodeFields(certificate)).bytes(certificate.signature, 64).done()
}

/** Reads one where it lies inside a card; marks the reader failed when it is malformed. Its nickname is not looked at. */
export function readCertificate(reader: WireReader): Certificate {
  const nickname = reader.text8(MAX_NICKNAME_BYTES)
  return { nickname, paymentKey: reader.bytes(32), memberId: reader.bytes(32), time: reader.u32(), signature: reader.bytes(64) }
}

/** A certificate kept on its own, or undefined when the bytes are none. Its signature is not looked at. */
export function decodeCertificate(bytes: Uint8Array): Certificate | undefined {
  const reader = new WireReader(bytes)
  const certificate = readCertificate(reader)
  return reader.done && isNickname(certificate.nickname) ? certificate : undefined
}

/** Whether a nickname on the wire is in the one form that checkNickname gives. Versions of Unicode differ about it, so nobody is to blame for one that is not. */
export function isNickname(text: string): boolean {
  const checked = checkNickname(text)
  return checked.ok && checked.value === text
}

/** Whether the payment key signed it for the network with this blue cheese. Never throws. */
export function verifyCertificate(certificate: Certificate, blueSmell: Uint8Array): boolean {
  return verifySignature({ publicKey: certificate.paymentKey, message: certificateHash(certificate, blueSmell), signature: certificate.signature })
}

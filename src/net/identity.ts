import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64 } from '@scure/base'
import { concatBytes, equalBytes, fromHex, toHex } from '../util/bytes.ts'
import { err, ok, type Result } from '../util/result.ts'

/** Bytes of a P-256 public key as SubjectPublicKeyInfo (named curve, uncompressed point). */
export const SPKI_BYTES = 91
/** Bytes of a network signature: ECDSA P-256, IEEE P1363 (r ‖ s), s in the lower half. */
export const NETWORK_SIGNATURE_BYTES = 64

/** DER before the point: SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING }, RFC 5480. */
const SPKI_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200')
/** DER around the scalar and the point in a PKCS #8 key as WebCrypto and OpenSSL write it, RFC 5958 and RFC 5915. */
const PKCS8_PREFIX = fromHex('308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420')
const PKCS8_MIDDLE = fromHex('a144034200')

/** Verifies ECDSA P-256 with SHA-256 over `message`; `point` is 65 bytes. Hosts may hand in a faster one. */
export type NetworkVerifier = (point: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** A member's key for the network: it is the TLS key and signs cards and announces. */
export interface Identity {
  /** Lower-case hex of the SHA-256 of `spki`: who this member is to others. */
  readonly memberId: string
  readonly spki: Uint8Array
  /** PKCS #8, PEM: `key` of node:tls. Secret. */
  readonly keyPem: string
  /** Self-signed X.509, PEM: `cert` of node:tls. */
  readonly certificatePem: string
  /** A network signature over `message`. */
  sign(message: Uint8Array): Uint8Array
  /** Diffie–Hellman with another's point (65 bytes, uncompressed): the x-coordinate, 32 bytes; undefined when it is none of the curve's. */
  agree(point: Uint8Array): Uint8Array | undefined
}

/** A new identity with a self-signed certificate that says nothing but the key. */
export async function createIdentity(): Promise<Identity> {
  const secret = p256.utils.randomSecretKey()
  const spki = spkiOf(secret)
  return identityOf(secret, await selfSigned(secret, spki))
}

/** The identity whose key and certificate these are, or why they are none. */
export function readIdentity(keyPem: string, certificatePem: string): Result<Identity, string> {
  const der = fromPem(keyPem, 'PRIVATE KEY')
  const secret = der?.slice(PKCS8_PREFIX.length, PKCS8_PREFIX.length + 32)
  if (!der || !secret || !p256.utils.isValidSecretKey(secret) || !equalBytes(der, pkcs8Of(secret))) return err('the key is not a P-256 key in PKCS #8')
  const certificate = fromPem(certificatePem, 'CERTIFICATE')
  if (!certificate || !toHex(certificate).includes(toHex(spkiOf(secret)))) return err('the certificate is not that of the key')
  return ok(identityOf(secret, certificatePem))
}

function identityOf(secret: Uint8Array, certificatePem: string): Identity {
  const spki = spkiOf(secret)
  return {
    memberId: memberIdOf(spki),
    spki,
    keyPem: toPem(pkcs8Of(secret), 'PRIVATE KEY'),
    certificatePem,
    sign: (message) => p256.sign(message, secret, { prehash: true, lowS: true }),
    agree: (point) => {
      try {
        return point.length === 65 ? p256.getSharedSecret(secret, point, true).slice(1) : undefined
      } catch {
        return undefined
      }
    },
  }
}

/** The member id of a public key: hex of its SHA-256. */
export function memberIdOf(spki: Uint8Array): string {
  return toHex(sha256(spki))
}

/** Whether these bytes have the one form of a P-256 key that members use (the point is checked where it is used). */
export function isNetworkKey(spki: Uint8Array): boolean {
  return spki.length === SPKI_BYTES && equalBytes(spki.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX) && spki[SPKI_PREFIX.length] === 4
}

/** Whether `signature` over `message` is that of the key. Never throws. A signature with s in the upper half is refused, so nobody can change a signed thing's bytes. */
export function verifyNetworkSignature(spki: Uint8Array, message: Uint8Array, signature: Uint8Array, verifier: NetworkVerifier = pureVerifier): boolean {
  if (!isNetworkKey(spki) || signature.length !== NETWORK_SIGNATURE_BYTES || isHigh(signature.subarray(32))) return false
  try {
    return verifier(spki.subarray(SPKI_PREFIX.length), message, signature)
  } catch {
    return false
  }
}

/** ECDSA P-256 in plain JavaScript: the same on every host. */
export const pureVerifier: NetworkVerifier = (point, message, signature) => p256.verify(signature, message, point, { prehash: true, lowS: true })

/** (n − 1) / 2 of P-256, SEC 2. */
const HALF_ORDER = fromHex('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8')

function isHigh(s: Uint8Array): boolean {
  for (let i = 0; i < 32; i++) {
    const d = (s[i] as number) - (HALF_ORDER[i] as number)
    if (d !== 0) return d > 0
  }
  return false
}

function spkiOf(secret: Uint8Array): Uint8Array {
  return concatBytes(SPKI_PREFIX, p256.getPublicKey(secret, false))
}

function pkcs8Of(secret: Uint8Array): Uint8Array {
  return concatBytes(PKCS8_PREFIX, secret, PKCS8_MIDDLE, p256.getPublicKey(secret, false))
}

async function selfSigned(secret: Uint8Array, spki: Uint8Array): Promise<string> {
  // Much to load for what happens once in a data folder's life.
  await import('reflect-metadata')
  const { X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=cheese-stack',
    // Fixed dates: members look at the key alone, and a certificate should not tell when it was made.
    notBefore: new Date(Date.UTC(2026, 0, 1)),
    notAfter: new Date(Date.UTC(2049, 11, 31)),
    signingAlgorithm: algorithm,
    keys: {
      privateKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8Of(secret)), algorithm, false, ['sign']),
      publicKey: await crypto.subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify']),
    },
  })
  return `${certificate.toString('pem')}\n`
}

function toPem(der: Uint8Array, label: string): string {
  const lines = base64.encode(der).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

function fromPem(pem: string, label: string): Uint8Array | undefined {
  const match = new RegExp(`^-----BEGIN ${label}-----\\s([A-Za-z0-9+/=\\s]+)-----END ${label}-----\\s*$`).exec(pem)
  try {
    return match ? base64.decode((match[1] as string).replace(/\s/g, '')) : undefined
  } catch {
    return undefined
  }
}

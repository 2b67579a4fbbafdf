import { fromHex } from '../util/bytes.ts'
import { type Logger, silent } from '../util/ports.ts'
import { loadNative, type NativeAddon } from './native-addon.ts'

/** Verifies packed jobs (tiny-verify.ts), one byte a job: 1 = good. */
export type VerifyPacked = (packed: Uint8Array) => Uint8Array<ArrayBuffer>

export interface NativeVerifier {
  /** As `libsecp256k1 0.2.0`. */
  readonly name: string
  readonly verifyPacked: VerifyPacked
}

/** BIP 340, test vector 1: public key, message, signature. */
const GOOD_JOB = fromHex(
  'dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659' +
    '243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89' +
    '6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de33418906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a',
)
/** One changed bit in each so many bytes makes a bad job. */
const STEP = 16

/**
 * The native addon's verifier, asked first what is known. Undefined when there is no addon, when it was built without a
 * verifier, and, which the log tells, when it cannot be loaded or answers wrongly: then tiny-secp256k1 verifies.
 * @param path `layoutFrom().nativeAddon`
 */
export function openNativeVerifier(
  path: string | undefined,
  log: Logger = silent,
  load: (path: string) => NativeAddon = loadNative,
): NativeVerifier | undefined {
  if (path === undefined) return undefined
  try {
    const { verifier, verifyPacked } = load(path)
    if (verifier === null) return undefined
    if (answersRightly(verifyPacked)) return { name: verifier, verifyPacked }
    log.error('the native verifier answers wrongly and is not used', { verifier })
  } catch (error) {
    log.warn('the native verifier cannot be loaded', { error: String(error) })
  }
  return undefined
}

/** Whether it takes a good signature, and none of those that differ from it in a bit of the key, the message, r or s. */
function answersRightly(verifyPacked: VerifyPacked): boolean {
  const length = GOOD_JOB.length
  const bad = length / STEP
  const packed = new Uint8Array((1 + bad) * length)
  for (let i = 0; i <= bad; i++) {
    const job = packed.subarray(i * length, (i + 1) * length)
    job.set(GOOD_JOB)
    const place = (i - 1) * STEP + i
    if (i > 0) job[place] = (job[place] as number) ^ (1 << (i % 8))
  }
  const answers = verifyPacked(packed)
  return answers.length === 1 + bad && answers.every((answer, i) => answer === (i === 0 ? 1 : 0))
}

// node scripts/blue-cheese.mjs NETWORK [TIME] [NOTE]: the lowest nonce of a blue cheese, and its smell. docs/launch.md says when.
// TIME is Unix seconds and NOTE the reward's extra (at most 32 bytes); left out, both are today's, which checks what stands in params.ts.
import { encodeHeader } from '../src/consensus/codec.ts'
import { smellHex } from '../src/consensus/hash.ts'
import { bodyRoot } from '../src/consensus/merkle.ts'
import { params } from '../src/consensus/params.ts'
import { searchNonces } from '../src/mining/search.ts'
import { bigIntToBytes } from '../src/util/bytes.ts'

const SLICE = 1 << 20
const [network, time, note] = process.argv.slice(2)
if (!['main', 'test', 'regtest'].includes(network) || (time !== undefined && !/^[0-9]{1,10}$/.test(time))) {
  process.stderr.write('Usage: node scripts/blue-cheese.mjs main|test|regtest [TIME] [NOTE]\n')
  process.exit(2)
}
const { blue, easiestTarget } = params(network)
const extra = note === undefined ? blue.body.reward.extra : new TextEncoder().encode(note)
if (extra.length > 32) {
  process.stderr.write(`The note has ${extra.length} bytes; a reward's extra has at most 32.\n`)
  process.exit(2)
}
const body = { ...blue.body, reward: { ...blue.body.reward, extra } }
const header = { ...blue.header, bodyRoot: bodyRoot(body), time: time === undefined ? blue.header.time : Number(time), nonce: 0n }
const bytes = encodeHeader(header)
const target = bigIntToBytes(easiestTarget, 32)
let nonce
for (let start = 0n; nonce === undefined; start += BigInt(SLICE)) nonce = searchNonces(bytes, start, SLICE, target)
process.stdout.write(
  `${JSON.stringify({ network, time: header.time, bits: `0x${header.bits.toString(16)}`, nonce: String(nonce), smell: smellHex({ ...header, nonce }) })}\n`,
)

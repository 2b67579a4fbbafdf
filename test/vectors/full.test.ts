/** The whole published files of BIP 340, BIP 39 and ASERT, from ../shared/vectors beside the checkout; skipped, with the reason, where it is missing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { HDKey } from '@scure/bip32'
import { entropyToMnemonic, mnemonicToSeedSync } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { describe, expect, it } from 'vitest'
import { publicKeyOf, sign, verifySignature } from '../../src/consensus/signature.ts'
import { aserti3, bitsToTarget, targetToBits } from '../../src/consensus/target.ts'
import { fromHex, toHex } from '../../src/util/bytes.ts'
import { BIP39_PASSPHRASE } from './bip39.ts'

const folder = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url))
const present = existsSync(folder)
if (!present) console.warn(`skipped: the full vectors of BIP 340, BIP 39 and ASERT are not in ${folder}`)

function read(path: string): string {
  return readFileSync(folder + path, 'utf8')
}

describe.skipIf(!present)('full vectors', () => {
  it('BIP 340', () => {
    const rows = read('bip340/test-vectors.csv').trim().split(/\r?\n/).slice(1)
    expect(rows.length).toBeGreaterThanOrEqual(19)
    for (const row of rows) {
      const [index, secretKey = '', publicKey = '', aux = '', message = '', signature = '', result] = row.split(',')
      const job = { publicKey: fromHex(publicKey), message: fromHex(message), signature: fromHex(signature) }
      expect(verifySignature(job), `row ${index}`).toBe(result === 'TRUE')
      if (secretKey === '') continue
      expect(toHex(publicKeyOf(fromHex(secretKey))), `row ${index}`).toBe(publicKey.toLowerCase())
      expect(toHex(sign(job.message, fromHex(secretKey), fromHex(aux))), `row ${index}`).toBe(signature.toLowerCase())
    }
  })

  it('BIP 39', () => {
    const { english } = JSON.parse(read('bip39/vectors.json')) as { english: [string, string, string, string][] }
    expect(english.length).toBeGreaterThanOrEqual(24)
    for (const [entropy, words, seed, rootKey] of english) {
      expect(entropyToMnemonic(fromHex(entropy), wordlist)).toBe(words)
      const made = mnemonicToSeedSync(words, BIP39_PASSPHRASE)
      expect(toHex(made)).toBe(seed)
      expect(HDKey.fromMasterSeed(made).privateExtendedKey).toBe(rootKey)
    }
  })

  const runs = present ? readdirSync(`${folder}asert`).filter((name) => name.startsWith('run')) : []
  it.each(runs)('ASERT %s', (name) => {
    const lines = read(`asert/${name}`).trim().split(/\r?\n/)
    const field = (pattern: RegExp) => {
      const found = lines.map((line) => pattern.exec(line)?.[1]).find((value) => value !== undefined)
      if (found === undefined) throw new Error(`${name} has no ${pattern}`)
      return BigInt(found)
    }
    const anchorHeight = field(/anchor height: (\d+)/)
    const anchorTime = field(/anchor (?:ancestor|parent) time: (\d+)/)
    const anchorTarget = bitsToTarget(Number(field(/anchor nBits: (\w+)/))) as bigint
    const rows = lines.filter((line) => line !== '' && !line.startsWith('#'))
    expect(BigInt(rows.length)).toBe(field(/iterations: (\d+)/))
    for (const row of rows) {
      const [, height = '', time = '', bits = ''] = row.trim().split(/\s+/)
      const target = aserti3({
        anchorTarget,
        timeDifference: BigInt(time) - anchorTime,
        heightDifference: BigInt(height) - anchorHeight,
        spacing: 600n,
        halfLife: 172_800n,
        easiestTarget: bitsToTarget(0x1d00ffff) as bigint,
      })
      if (targetToBits(target) !== Number(bits)) expect.fail(`height ${height}: ${targetToBits(target).toString(16)}, not ${bits}`)
    }
  })
})

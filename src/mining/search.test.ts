import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { searchNonces } from './search.ts'
import { smellAt } from './testing/kernel-oracle.ts'

// What every kernel must do is in platform/kernels/kernels.test.ts, this one among them.
describe('searchNonces', () => {
  it('finds the nonces of the blue cheeses (design, section 2)', () => {
    // regtest: version 1, zero parent, zero accounts root, the body root, 2026-11-22, 0x20010000
    const header = Buffer.alloc(116)
    header.writeUInt32BE(1, 0)
    const extra = Buffer.from('Blue cheese, regtest', 'ascii')
    const reward = Buffer.concat([Buffer.alloc(4), Buffer.alloc(20), Buffer.from([extra.length]), extra])
    createHash('sha256')
      .update(Buffer.from([0]))
      .update(reward)
      .digest()
      .copy(header, 68)
    header.writeUInt32BE(1795305600, 100)
    header.writeUInt32BE(0x20010000, 104)
    const limit = new Uint8Array(32)
    limit[0] = 1
    expect(searchNonces(header, 0n, 1000, limit)).toBe(130n)
    expect(smellAt(header, 130n).toString('hex')).toBe('008cd8c12b0df1d9edd6e757e6eb48cc3f6edcca977966f69455f929066e7fb5')
  })
})

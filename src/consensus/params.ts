/** The three networks. Everything that differs between them is here; everything else is the same. */

import { toHex } from '../util/bytes.ts'
import { assert } from '../util/result.ts'
import { encodeUtf8 } from '../util/utf8.ts'
import { ADDRESS_HRP } from './address.ts'
import { smellOf } from './hash.ts'
import { bodyRoot } from './merkle.ts'
import { bitsToTarget } from './target.ts'
import type { Cheese, NetworkName, Params } from './types.ts'

export type { NetworkName, Params } from './types.ts'

/** 2026-11-22 00:00 UTC. */
const BLUE_TIME = 1_795_305_600

/** Height 0: pays nobody (its reward is never credited), and its nonce is the lowest that satisfies its bits. */
function blueCheese(network: NetworkName, bits: number, nonce: bigint): Cheese {
  const reward = { height: 0, to: new Uint8Array(20), extra: encodeUtf8(`Blue cheese, ${network}`) }
  const body = Object.freeze({ reward: Object.freeze(reward), transfers: Object.freeze([]) })
  const header = {
    version: 1,
    parent: new Uint8Array(32),
    accountsRoot: new Uint8Array(32),
    bodyRoot: bodyRoot(body),
    time: BLUE_TIME,
    bits,
    nonce,
  }
  return Object.freeze({ header: Object.freeze(header), body })
}

interface Choices extends Pick<Params, 'coinType' | 'ripening' | 'easiestBits' | 'retargets' | 'maxFutureSeconds'> {
  readonly blueNonce: bigint
}

function network(name: NetworkName, choices: Choices): Params {
  const { blueNonce, ...rest } = choices
  const easiestTarget = bitsToTarget(rest.easiestBits)
  assert(easiestTarget !== undefined, `the easiest bits of ${name} are canonical`)
  const blue = blueCheese(name, rest.easiestBits, blueNonce)
  const blueSmell = smellOf(blue.header)
  return Object.freeze({ network: name, hrp: ADDRESS_HRP[name], ...rest, easiestTarget, blue, blueSmell, blueSmellHex: toHex(blueSmell) })
}

const NETWORKS: Readonly<Record<NetworkName, Params>> = Object.freeze({
  main: network('main', {
    coinType: 2026112,
    ripening: 20,
    easiestBits: 0x1d400000,
    retargets: true,
    maxFutureSeconds: 600,
    blueNonce: 22_655_988n,
  }),
  test: network('test', {
    coinType: 1,
    ripening: 20,
    easiestBits: 0x1e040000,
    retargets: true,
    maxFutureSeconds: 600,
    blueNonce: 273_934n,
  }),
  regtest: network('regtest', {
    coinType: 1,
    ripening: 2,
    easiestBits: 0x20010000,
    retargets: false,
    maxFutureSeconds: null,
    blueNonce: 130n,
  }),
})

/** The rules' parameters of a network: the same frozen object each time. */
export function params(name: NetworkName): Params {
  return NETWORKS[name]
}

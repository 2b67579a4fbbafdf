/**
 * Bitcoin Cash's aserti3-2d vectors: some rows of each of six runs. Their spacing is 600 s, half-life 172,800 s, easiest bits 0x1d00ffff.
 * Source: https://download.bitcoincashnode.org/misc/data/asert/test_vectors (named by CHIP 2020-11-15 ASERT); all twelve
 * runs, 14,000 lines, are run from ../shared/vectors/asert where that is present.
 */
export interface AsertRun {
  readonly run: string
  readonly anchorHeight: bigint
  /** Time of the cheese below the anchor. */
  readonly anchorParentTime: bigint
  readonly anchorBits: number
  /** Height and time of the latest cheese, and the bits that the next one must have. */
  readonly rows: readonly (readonly [height: bigint, time: bigint, bits: number])[]
}

export const ASERT: readonly AsertRun[] = [
  {
    run: 'run1 - steady 600s blocks at POW limit target',
    anchorHeight: 1n,
    anchorParentTime: 0n,
    anchorBits: 0x1d00ffff,
    rows: [
      [2n, 1200n, 0x1d00ffff],
      [3n, 1800n, 0x1d00ffff],
      [4n, 2400n, 0x1d00ffff],
      [5n, 3000n, 0x1d00ffff],
      [6n, 3600n, 0x1d00ffff],
      [7n, 4200n, 0x1d00ffff],
      [8n, 4800n, 0x1d00ffff],
      [9n, 5400n, 0x1d00ffff],
      [10n, 6000n, 0x1d00ffff],
      [11n, 6600n, 0x1d00ffff],
    ],
  },
  {
    run: 'run2 - steady 600s blocks at arbitrary non-limit target 0x1a2b3c4d',
    anchorHeight: 1n,
    anchorParentTime: 0n,
    anchorBits: 0x1a2b3c4d,
    rows: [
      [2n, 1200n, 0x1a2b3c4d],
      [3n, 1800n, 0x1a2b3c4d],
      [4n, 2400n, 0x1a2b3c4d],
      [5n, 3000n, 0x1a2b3c4d],
      [6n, 3600n, 0x1a2b3c4d],
      [7n, 4200n, 0x1a2b3c4d],
      [8n, 4800n, 0x1a2b3c4d],
      [9n, 5400n, 0x1a2b3c4d],
      [10n, 6000n, 0x1a2b3c4d],
      [11n, 6600n, 0x1a2b3c4d],
    ],
  },
  {
    run: 'run3 - steady 600s blocks at minimum limit target 0x01010000',
    anchorHeight: 1n,
    anchorParentTime: 0n,
    anchorBits: 0x01010000,
    rows: [
      [2n, 1200n, 0x01010000],
      [3n, 1800n, 0x01010000],
      [4n, 2400n, 0x01010000],
      [5n, 3000n, 0x01010000],
      [6n, 3600n, 0x01010000],
      [7n, 4200n, 0x01010000],
      [8n, 4800n, 0x01010000],
      [9n, 5400n, 0x01010000],
      [10n, 6000n, 0x01010000],
      [11n, 6600n, 0x01010000],
    ],
  },
  {
    run: 'run5 - from POW limit, a series of halflife block height jumps w/o time increment, halving target at each block',
    anchorHeight: 1n,
    anchorParentTime: 0n,
    anchorBits: 0x1d00ffff,
    rows: [
      [2n, 0n, 0x1d00fec5],
      [290n, 0n, 0x1c7f62c0],
      [578n, 0n, 0x1c3fb160],
      [21602n, 0n, 0x131fd8b0],
      [32258n, 0n, 0x0f00fec5],
      [43202n, 0n, 0x0a03fb16],
      [64226n, 0n, 0x01010000],
      [64514n, 0n, 0x01010000],
    ],
  },
  {
    run: 'run6 - deterministically random solvetimes for stable hashrate around a recent real life nBits',
    anchorHeight: 1n,
    anchorParentTime: 0n,
    anchorBits: 0x1802aee8,
    rows: [
      [2n, 1200n, 0x1802aee8],
      [3n, 1310n, 0x1802ad91],
      [4n, 1327n, 0x1802abf8],
      [335n, 210886n, 0x1802cac1],
      [502n, 302957n, 0x1802b3c7],
      [668n, 407129n, 0x1802c09b],
      [1000n, 589215n, 0x180291e0],
      [1001n, 589738n, 0x180291ad],
    ],
  },
  {
    run: 'run9 - a sequence of 300s blocks across signed 32-bit max integer height',
    anchorHeight: 2147483642n,
    anchorParentTime: 1234567290n,
    anchorBits: 0x1802aee8,
    rows: [
      [2147483643n, 1234568190n, 0x1802ae16],
      [2147483644n, 1234568490n, 0x1802ad44],
      [2147483645n, 1234568790n, 0x1802ac71],
      [2147483646n, 1234569090n, 0x1802ab9e],
      [2147483647n, 1234569390n, 0x1802aacd],
      [2147483648n, 1234569690n, 0x1802a9fa],
      [2147483649n, 1234569990n, 0x1802a929],
      [2147483650n, 1234570290n, 0x1802a858],
      [2147483651n, 1234570590n, 0x1802a787],
      [2147483652n, 1234570890n, 0x1802a6b7],
    ],
  },
  {
    run: 'run10 - a sequence of 900s blocks across signed 64-bit max integer height and signed 32-bit max integer time ',
    anchorHeight: 9223372036854775802n,
    anchorParentTime: 2147483047n,
    anchorBits: 0x1802aee8,
    rows: [
      [9223372036854775803n, 2147484547n, 0x1802afbb],
      [9223372036854775804n, 2147485447n, 0x1802b08f],
      [9223372036854775805n, 2147486347n, 0x1802b166],
      [9223372036854775806n, 2147487247n, 0x1802b23a],
      [9223372036854775807n, 2147488147n, 0x1802b30e],
      [9223372036854775808n, 2147489047n, 0x1802b3e5],
      [9223372036854775809n, 2147489947n, 0x1802b4bb],
      [9223372036854775810n, 2147490847n, 0x1802b592],
      [9223372036854775811n, 2147491747n, 0x1802b669],
      [9223372036854775812n, 2147492647n, 0x1802b73d],
    ],
  },
]

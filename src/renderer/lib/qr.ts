import { encode } from 'uqr'

/** Modules of white around a QR code, as ISO/IEC 18004 asks for. */
const QUIET = 4

export interface QrPath {
  /** Width and height in modules, the quiet zone with it. */
  readonly size: number
  /** The dark modules as an SVG path: one rectangle for each run of them in a row. */
  readonly path: string
}

/** `text` as a QR code to be drawn. Level M: a screen that is photographed at an angle still reads. */
export function qrPath(text: string): QrPath {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET })
  const runs: string[] = []
  for (const [y, row] of data.entries()) {
    let from = -1
    for (let x = 0; x <= size; x++) {
      const dark = row[x] === true
      if (dark && from < 0) from = x
      if (dark || from < 0) continue
      runs.push(`M${from} ${y}h${x - from}v1h${from - x}z`)
      from = -1
    }
  }
  return { size, path: runs.join('') }
}

/** Strict UTF-8 (RFC 3629), by hand: pure code has neither Node's nor the browser's TextDecoder. */

const REPLACEMENT = 0xfffd

/** The UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD, as TextEncoder does it. */
export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = []
  for (const character of text) {
    let code = character.codePointAt(0) as number
    if (code >= 0xd800 && code <= 0xdfff) code = REPLACEMENT
    if (code < 0x80) out.push(code)
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
  }
  return Uint8Array.from(out)
}

/**
 * The text that `bytes` are, or undefined where they are not well-formed: a stray or missing continuation byte,
 * a longer form than needed, a surrogate, or above U+10FFFF. A leading byte order mark is kept.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i++] as number
    if (first < 0x80) {
      text += String.fromCharCode(first)
      continue
    }
    const more = first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0
    if (more === 0 || i + more > bytes.length) return undefined
    let code = first & (0x3f >> more)
    for (let k = 0; k < more; k++) {
      const next = bytes[i++] as number
      if ((next & 0xc0) !== 0x80) return undefined
      code = (code << 6) | (next & 0x3f)
    }
    const overlong = (more === 2 && code < 0x800) || (more === 3 && code < 0x10000)
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
    text += String.fromCodePoint(code)
  }
  return text
}

/** Whether `bytes` are well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  return decodeUtf8(bytes) !== undefined
}

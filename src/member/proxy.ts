import type { HostPort } from '../net/transport.ts'
import { parseHostPort } from '../util/ip.ts'
import { err, type Result } from '../util/result.ts'

/** `socks5://HOST:PORT`, also `socks5h://` and without either. The error is a sentence. */
export function parseProxy(text: string): Result<HostPort, string> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text.trim())
  if (scheme && !/^socks5h?$/i.test(scheme[1] as string))
    return err('Only SOCKS5 proxies are spoken to: write it as socks5://HOST:PORT, for example socks5://127.0.0.1:9050.')
  const parsed = parseHostPort(
    text
      .trim()
      .slice(scheme?.[0].length ?? 0)
      .replace(/\/$/, ''),
  )
  if (!parsed.ok || parsed.value.port === 0)
    return err(`"${text.slice(0, 80)}" is no proxy: write it as socks5://HOST:PORT, for example socks5://127.0.0.1:9050.`)
  return parsed
}

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Network, type NetworkName } from '../api/schemas.ts'
import { MAX_CACHE_MB, MIN_CACHE_MB } from '../member/options.ts'
import { parseProxy } from '../member/proxy.ts'
import { parseHostPort } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'

export interface Flags {
  readonly network: NetworkName
  readonly dataDir?: string
  readonly listen?: string
  /** `HOST:PORT` of a control API; none when left out. */
  readonly api?: string
  readonly trackers: readonly string[]
  readonly peers: readonly string[]
  readonly nickname?: string
  /** For this run alone; the window keeps choices in member.json. */
  readonly portMapping?: false
  readonly lan?: boolean
  readonly proxy?: string
  readonly pace?: number
  readonly cacheMb?: number
  readonly mine?: true
  /** The person agrees to what mining does to this machine. */
  readonly agree?: true
  /** Says on stdout, in one line of JSON, when the window is ready. */
  readonly announce: boolean
}

const text = { type: 'string' } as const
const several = { type: 'string', multiple: true } as const
const yes = { type: 'boolean' } as const
const OPTIONS = {
  network: text,
  'data-dir': text,
  listen: text,
  api: text,
  tracker: several,
  peer: several,
  nickname: text,
  'no-port-mapping': yes,
  lan: yes,
  'no-lan': yes,
  proxy: text,
  pace: text,
  'cache-mb': text,
  mine: yes,
  agree: yes,
  announce: yes,
} as const

const asText = (value: unknown) => (typeof value === 'string' ? value : undefined)
const asTexts = (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])

/**
 * What the app was started with. Chromium and Electron have flags of their own in the same list: what we do not know is
 * theirs. The error is a sentence.
 */
export function parseFlags(args: readonly string[]): Result<Flags, string> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: false, allowPositionals: true })
  const network = Network.safeParse(values.network ?? 'main')
  if (!network.success) return err(`--network is one of main, test and regtest, not "${String(values.network)}".`)
  for (const name of ['listen', 'api'] as const) {
    const given = values[name]
    const parsed = given === undefined ? undefined : parseHostPort(String(given))
    if (parsed && !parsed.ok) return err(`--${name}: ${parsed.error}`)
  }
  const pace = values.pace === undefined ? undefined : Number(values.pace)
  if (pace !== undefined && !(pace >= 0 && network.data === 'regtest')) return err('--pace is a number of seconds, and for regtest alone.')
  const cacheMb = values['cache-mb'] === undefined ? undefined : Number(values['cache-mb'])
  if (cacheMb !== undefined && !(Number.isInteger(cacheMb) && cacheMb >= MIN_CACHE_MB && cacheMb <= MAX_CACHE_MB)) {
    return err(`--cache-mb is a number of megabytes from ${MIN_CACHE_MB} to ${MAX_CACHE_MB}.`)
  }
  const proxy = asText(values.proxy)
  const parsedProxy = proxy === undefined ? undefined : parseProxy(proxy)
  if (parsedProxy && !parsedProxy.ok) return err(`--proxy: ${parsedProxy.error}`)
  const [dataDir, listen, api, nickname] = [values['data-dir'], values.listen, values.api, values.nickname].map(asText)
  return ok({
    network: network.data,
    trackers: asTexts(values.tracker),
    peers: asTexts(values.peer),
    announce: values.announce === true,
    ...(dataDir === undefined ? {} : { dataDir: resolve(dataDir) }),
    ...(listen === undefined ? {} : { listen }),
    ...(api === undefined ? {} : { api }),
    ...(nickname === undefined ? {} : { nickname }),
    ...(values['no-port-mapping'] === true ? { portMapping: false } : {}),
    ...(values['no-lan'] === true ? { lan: false } : values.lan === true ? { lan: true } : {}),
    ...(proxy === undefined ? {} : { proxy }),
    ...(pace === undefined ? {} : { pace }),
    ...(cacheMb === undefined ? {} : { cacheMb }),
    ...(values.mine === true ? { mine: true } : {}),
    // On regtest cheese is worth nothing, found at once, and found by tests.
    ...(values.agree === true || (values.mine === true && network.data === 'regtest') ? { agree: true } : {}),
  })
}

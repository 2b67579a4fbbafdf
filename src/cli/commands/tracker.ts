import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { createIdentity } from '../../net/identity.ts'
import { probe } from '../../net/probe.ts'
import { systemClock } from '../../platform/clock.ts'
import { systemFiles } from '../../platform/files.ts'
import { defaultDataDir } from '../../platform/folders.ts'
import { consoleLogger } from '../../platform/logger.ts'
import { nodeVerifier } from '../../platform/network-verify.ts'
import { systemRandom } from '../../platform/random.ts'
import { tlsTransport } from '../../platform/tls-transport.ts'
import type { Layout } from '../../server/layout.ts'
import type { TrackerReady } from '../../server/ready.ts'
import { RedisTable } from '../../tracker/redis-table.ts'
import { TrackerServer, type TrackerServerOptions } from '../../tracker/server.ts'
import { sharedRates, tableLimits } from '../../tracker/service.ts'
import { parseHostPort } from '../../util/ip.ts'
import type { Logger } from '../../util/ports.ts'
import { answer, type JsonOption, withJson } from '../context.ts'
import { CommandError, type Io, UsageError } from '../io.ts'
import { endpointArgument, entriesArgument, intervalArgument, several } from '../parse.ts'

/** A member that is dialled back has this long to answer. */
const DIAL_BACK_MS = 5_000

interface TrackerFlags extends JsonOption {
  readonly listen: string
  readonly hosts?: readonly string[]
  readonly proxies?: readonly string[]
  readonly allow?: readonly string[]
  readonly block?: readonly string[]
  readonly maxEntries: number
  readonly perAddress: number
  readonly perSubnet: number
  readonly interval: { readonly min: number; readonly max: number }
  readonly tlsCert?: string
  readonly tlsKey?: string
  /** false: `--no-folder`. */
  readonly folder?: string | false
  readonly store?: string
  readonly verbose?: true
}

async function runTracker(io: Io, layout: Layout, flags: TrackerFlags): Promise<void> {
  const interrupted = io.interrupted
  const transport = tlsTransport(await createIdentity())
  const log = consoleLogger(flags.verbose ? 'debug' : 'info', (line) => io.err(line))
  const opened = await TrackerServer.open({
    ...optionsOf(flags),
    ...(flags.store === undefined ? {} : { shared: await sharedTable(flags.store, flags, log) }),
    clock: systemClock,
    random: systemRandom,
    log,
    version: layout.version,
    verifier: nodeVerifier,
    files: systemFiles,
    dialBack: ({ endpoint, blueSmell }) => probe({ transport, endpoint, blueSmell, timeoutMs: DIAL_BACK_MS, clock: systemClock, random: systemRandom }),
  })
  if (!opened.ok) throw new CommandError(opened.error.message)
  const tracker = opened.value
  const reload = () => void tracker.reload()
  process.on('SIGHUP', reload)
  try {
    const ready: TrackerReady = { ready: true, pid: process.pid, listen: tracker.listen }
    answer(io, flags, ready, `Ready: the tracker listens at ${tracker.listen}; members join it by ${tracker.urls().join(' or ')} (process ${process.pid}).\n`)
    await interrupted
  } finally {
    process.off('SIGHUP', reload)
    await tracker.close()
  }
}

/** What the flags say, as the tracker takes it. */
function optionsOf(flags: TrackerFlags): Omit<TrackerServerOptions, 'clock' | 'random' | 'log' | 'dialBack' | 'version'> {
  const { listen, hosts, proxies, allow, block, tlsCert, tlsKey } = flags
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new UsageError('Give --tls-cert and --tls-key together.')
  const folder = folderOf(flags)
  return {
    listen,
    tuning: { maxEntries: flags.maxEntries, maxPerAddress: flags.perAddress, maxPerSubnet: flags.perSubnet, interval: flags.interval },
    ...(hosts === undefined ? {} : { hosts }),
    ...(proxies === undefined ? {} : { proxies }),
    ...(allow === undefined ? {} : { allow }),
    ...(block === undefined ? {} : { block }),
    ...(tlsCert === undefined || tlsKey === undefined ? {} : { tls: { cert: tlsCert, key: tlsKey } }),
    ...(folder === undefined ? {} : { folder }),
  }
}

/** The table that is shared with other trackers: what makes it around this one's own. */
async function sharedTable(url: string, flags: TrackerFlags, log: Logger): Promise<NonNullable<TrackerServerOptions['shared']>> {
  const { parseStoreUrl, RedisStore } = await import('../../platform/redis-store.ts')
  const place = parseStoreUrl(url)
  if (!place.ok) throw new UsageError(place.error)
  const store = await RedisStore.open(place.value)
  if (!store.up) log.error('the shared table does not answer yet: this tracker goes on with the members that announce themselves to it', { store: store.name })
  const limits = tableLimits({ maxEntries: flags.maxEntries, maxPerAddress: flags.perAddress, maxPerSubnet: flags.perSubnet })
  return (own) => new RedisTable({ store, own, clock: systemClock, log, limits, perMinute: sharedRates() })
}

/** Where its table is kept: a tracker at a port that was picked for it has none of its own, unless it is told one. */
function folderOf({ folder, listen }: TrackerFlags): string | undefined {
  if (folder === false) return undefined
  if (folder !== undefined) return resolve(folder)
  const place = parseHostPort(listen)
  return place.ok && place.value.port !== 0 ? join(defaultDataDir('tracker'), String(place.value.port)) : undefined
}

/** `tracker`: runs a tracker alone, until it is told to end. */
export function addTracker(program: Command, io: Io, layout: Layout): void {
  withJson(program.command('tracker').description('runs a tracker, alone, until it is told to end'))
    .option('--listen <host:port>', 'where members reach it', endpointArgument, '0.0.0.0:9876')
    .option('--hosts <host:port>', 'a name by which members dial it; others are refused then; may be given several times', several)
    .option('--proxies <range>', 'a reverse proxy of yours (address or range), whose X-Forwarded-For is believed; may be given several times', several)
    .option(
      '--allow <range|file>',
      'serves these addresses alone: a range such as 192.0.2.0/24, or a file with one a line; may be given several times',
      several,
    )
    .option('--block <range|file>', 'does not serve these addresses; may be given several times', several)
    .option('--max-entries <count>', 'members listed at most', entriesArgument, 10_000)
    .option('--per-address <count>', 'members listed at most from one address (IPv6: from one /64)', entriesArgument, 64)
    .option('--per-subnet <count>', 'members listed at most from one /24 (IPv6: from one /48)', entriesArgument, 256)
    .addOption(
      new Option('--interval <seconds>', 'how often members announce themselves, a random time between two: MIN-MAX')
        .argParser(intervalArgument)
        .default({ min: 30, max: 60 }, '30-60'),
    )
    .option('--tls-cert <file>', 'certificate chain, PEM: speaks https; read again when it is renewed')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--folder <folder>', 'where members that are listed are kept over a restart (default: a folder of the user’s own for this port)')
    .option('--no-folder', 'keeps nothing over a restart')
    .option('--store <url>', 'shares its table with other trackers in Redis or Valkey: redis://HOST:PORT, rediss://HOST:PORT or unix:///PATH')
    .option('--verbose', 'logs more')
    .addHelpText('after', '\nFiles of ranges and certificates are looked at again every half minute, and at once on SIGHUP.')
    .action((flags: TrackerFlags) => runTracker(io, layout, flags))
}

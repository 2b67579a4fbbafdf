import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { dataFolder } from '../../member/data-folder.ts'
import { consoleLogger, type LogLevel } from '../../platform/logger.ts'
import { openMember } from '../../server/host.ts'
import type { Layout } from '../../server/layout.ts'
import type { MemberReady } from '../../server/ready.ts'
import { openServer } from '../../server/server.ts'
import { dataDirOf, type FolderOptions, passphraseFrom, readSecretFile, withFolder } from '../context.ts'
import { type Io, UsageError } from '../io.ts'
import { endpointArgument, megabytesArgument, proxyArgument, secondsArgument, several, threadsArgument } from '../parse.ts'

interface MemberFlags extends FolderOptions {
  readonly listen?: string
  readonly api: string
  readonly tracker?: readonly string[]
  readonly peer?: readonly string[]
  readonly nickname?: string
  readonly portMapping: boolean
  readonly lan?: boolean
  readonly proxy?: string
  readonly mine?: number | true
  readonly agree?: true
  readonly pace?: number
  readonly cacheMb?: number
  readonly ui?: true
  readonly passphraseFile?: string
  readonly init?: true
  readonly verbose?: true
}

function readyText(ready: MemberReady): string {
  const where = `${ready.network} member ${ready.memberId.slice(0, 12)} listens at ${ready.listen}, control API at ${ready.api}`
  return ready.ui === null ? `Ready: ${where} (process ${ready.pid}).\n` : `Open ${ready.ui} (${where}, process ${ready.pid}).\n`
}

async function runMember(io: Io, layout: Layout, flags: MemberFlags): Promise<void> {
  if (flags.pace !== undefined && flags.network !== 'regtest') throw new UsageError('--pace is for regtest alone: on other networks the target sets the pace.')
  const dataDir = dataDirOf(flags)
  const makes = flags.init === true && !existsSync(dataFolder(dataDir).vault)
  const passphrase = makes
    ? await passphraseFrom(io, flags.passphraseFile, 'new')
    : flags.passphraseFile === undefined
      ? undefined
      : await readSecretFile(flags.passphraseFile, 'passphrase')
  const level: LogLevel = flags.verbose ? 'debug' : 'info'
  const log = consoleLogger(level, (line) => io.err(line))
  const interrupted = io.interrupted
  const { listen, nickname, lan, proxy, mine, pace, cacheMb } = flags
  const member = await openMember(
    {
      network: flags.network,
      dataDir,
      trackers: flags.tracker ?? [],
      peers: flags.peer ?? [],
      log,
      ...(listen === undefined ? {} : { listen }),
      ...(nickname === undefined ? {} : { nickname }),
      ...(flags.portMapping ? {} : { portMapping: false }),
      ...(lan === undefined ? {} : { lan }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(mine === undefined ? {} : { mine }),
      // On regtest cheese is worth nothing, found at once, and found by tests.
      ...(flags.agree === true || flags.network === 'regtest' ? { agree: true } : {}),
      ...(pace === undefined ? {} : { paceSeconds: pace }),
      ...(cacheMb === undefined ? {} : { cacheMb }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(makes ? { init: true } : {}),
    },
    layout,
  )
  try {
    const server = await openServer({
      service: member.service,
      listen: flags.api,
      version: layout.version,
      dataDir,
      log: log.child('api'),
      ...(flags.ui ? { page: layout.page } : {}),
    })
    try {
      const ready: MemberReady = {
        ready: true,
        pid: process.pid,
        network: flags.network,
        listen: member.listen,
        api: server.endpoint,
        ui: server.link,
        memberId: member.memberId,
        address: member.address,
      }
      io.out(flags.json ? `${JSON.stringify(ready)}\n` : readyText(ready))
      await Promise.race([interrupted, member.ended])
      await member.close()
    } finally {
      await server.close()
    }
  } finally {
    await member.close()
  }
}

/** `member`: runs a member until it is told to end. */
export function addMember(program: Command, io: Io, layout: Layout): void {
  withFolder(program.command('member').description('runs a member until it is told to end'))
    .option('--listen <host:port>', 'where other members reach it (default: [::]:9875, IPv6 and IPv4, or a free port when that is taken)', endpointArgument)
    .option('--api <host:port>', 'where its control API listens, on this machine alone', endpointArgument, '127.0.0.1:0')
    .option('--tracker <url>', 'a tracker to join; may be given several times', several)
    .option('--peer <host:port>', 'a member to dial; may be given several times', several)
    .option('--no-port-mapping', 'does not ask the router to let others in (PCP, NAT-PMP, UPnP), this time')
    .option('--lan', 'looks for members in the local network also on regtest')
    .option('--no-lan', 'neither looks for members in the local network nor is found there, this time')
    .option('--proxy <url>', 'a SOCKS5 proxy for everything that goes out, as socks5://127.0.0.1:9050 (Tor), this time', proxyArgument)
    .option('--nickname <name>', 'what others see')
    .addOption(new Option('--mine [threads]', 'mines from the start').argParser(threadsArgument))
    .option('--agree', 'agrees to what mining does to this machine, once and for all (see "cheese mine on")')
    .option('--pace <seconds>', 'regtest: mining makes at most one cheese in so many seconds (default: 1)', secondsArgument)
    .option('--cache-mb <megabytes>', 'memory for accounts and tree nodes used lately (default: 128)', megabytesArgument)
    .option('--ui', 'serves the app to a browser on this machine, and prints the link')
    .option('--passphrase-file <file>', 'holds the passphrase of the wallet, which stays unlocked')
    .option('--init', 'makes a wallet with new words if there is none; asks for a passphrase or reads it from its file')
    .option('--verbose', 'logs more')
    .action((flags: MemberFlags) => runMember(io, layout, flags))
}

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { BanEntry, PeerEntry } from '../../api/schemas-network.ts'
import { answer, type ControlOptions, withControl } from '../context.ts'
import { CommandError, type Io } from '../io.ts'
import { endpointArgument, hoursArgument } from '../parse.ts'
import { findMember, type Remote } from '../remote.ts'
import { bytes, listing, table, time } from '../table.ts'

const right = { align: 'right' as const }

/** A member id whole, or its beginning as tables show it. */
function memberArgument(text: string): string {
  if (!/^[0-9a-f]{8,64}$/i.test(text))
    throw new InvalidArgumentError('It must be a member id, or at least 8 digits of its beginning ("cheese peers" shows them).')
  return text.toLowerCase()
}

/** The connected peer whose id begins like this. */
async function peerOf(remote: Remote, start: string): Promise<PeerEntry> {
  const found = (await remote.call((member) => member.peers.list())).filter(({ memberId }) => memberId.startsWith(start))
  const [peer] = found
  if (!peer) throw new CommandError(`No member whose id begins with ${start} is connected: "cheese peers" lists those that are.`)
  if (found.length > 1) throw new CommandError(`${found.length} connected members have ids that begin with ${start}: give more digits.`)
  return peer
}

/** What to ban: an IP address or range, a whole member id, or the beginning of a connected member's. */
async function whom(remote: Remote, text: string): Promise<{ memberId: string } | { address: string }> {
  if (/[.:]/.test(text)) return { address: text }
  const start = memberArgument(text)
  return { memberId: start.length === 64 ? start : (await peerOf(remote, start)).memberId }
}

function subject({ memberId, address, nickname }: BanEntry): string {
  return [nickname, memberId?.slice(0, 12), address].filter((part) => part).join(' ')
}

function addLists(peers: Command, io: Io): void {
  withControl(peers.command('bans').description('who is refused, and until when')).action(async (_own: ControlOptions, command: Command) => {
    const options = command.optsWithGlobals<ControlOptions>()
    const bans = await (await findMember(options)).call((member) => member.peers.bans())
    const rows = bans.map((ban) => [ban.id, ban.nickname, ban.memberId?.slice(0, 12) ?? '', ban.address ?? '', time(ban.until), ban.reason])
    const columns = [{ title: 'Ban', ...right }, { title: 'Nickname' }, { title: 'Member' }, { title: 'Address' }, { title: 'Until' }, { title: 'Reason' }]
    answer(io, options, bans, table(columns, rows, 'Nobody is banned.', io.styled))
  })

  withControl(peers.command('kept').description('addresses that are redialled')).action(async (_own: ControlOptions, command: Command) => {
    const options = command.optsWithGlobals<ControlOptions>()
    const kept = await (await findMember(options)).call((member) => member.peers.kept())
    answer(io, options, kept, kept.length === 0 ? 'No address is redialled because you said so.\n' : `${kept.join('\n')}\n`)
  })

  withControl(peers.command('book').description('how many addresses of members are known')).action(async (_own: ControlOptions, command: Command) => {
    const options = command.optsWithGlobals<ControlOptions>()
    const book = await (await findMember(options)).call((member) => member.peers.book())
    const pairs = [
      ['Answered', String(book.tried)],
      ['Not tried', String(book.fresh)],
      ['Groups', String(book.groups)],
      ['Anchors', String(book.anchors)],
    ] as const
    answer(io, options, book, listing(pairs, io.styled))
  })
}

function addChanges(peers: Command, io: Io): void {
  withControl(peers.command('add').description('dials HOST:PORT').argument('<host:port>', 'where it listens', endpointArgument))
    .option('--keep', 'and again and again, after a restart too')
    .action(async (endpoint: string, own: ControlOptions & { readonly keep?: true }, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const peer = await (await findMember(options)).call((member) => member.peers.connect({ endpoint, keep: own.keep === true }))
      answer(io, options, peer, `Connected to ${peer.nickname || peer.memberId.slice(0, 12)} at ${peer.endpoint}.\n`)
    })

  withControl(peers.command('forget').description('redials an address no more').argument('<host:port>', 'as “peers kept” shows it', endpointArgument)).action(
    async (endpoint: string, _own: ControlOptions, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const forgotten = await (await findMember(options)).call((member) => member.peers.forget({ endpoint }))
      answer(io, options, forgotten, `${endpoint} is redialled no more.\n`)
    },
  )

  withControl(
    peers.command('disconnect').description('hangs up on a peer').argument('<member>', 'its id, or at least 8 digits of its beginning', memberArgument),
  ).action(async (start: string, _own: ControlOptions, command: Command) => {
    const options = command.optsWithGlobals<ControlOptions>()
    const remote = await findMember(options)
    const { memberId } = await peerOf(remote, start)
    const disconnected = await remote.call((member) => member.peers.disconnect({ memberId }))
    answer(io, options, disconnected, `Hung up on ${memberId.slice(0, 12)}.\n`)
  })

  withControl(peers.command('ban').description('refuses a member or an IP address').argument('<whom>', 'member id, IP address, or range as 192.0.2.0/24'))
    .addOption(new Option('--hours <n>', 'how long').default(24).argParser(hoursArgument))
    .option('--reason <text>', 'noted beside the ban')
    .action(async (text: string, own: ControlOptions & { readonly hours: number; readonly reason?: string }, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const { hours, reason } = own
      const remote = await findMember(options)
      const input = { ...(await whom(remote, text)), hours, ...(reason === undefined ? {} : { reason }) }
      const ban = await remote.call((member) => member.peers.ban(input))
      answer(io, options, ban, `Banned ${subject(ban)} until ${time(ban.until)} (ban ${ban.id}).\n`)
    })

  withControl(peers.command('unban').description('lifts a ban').argument('<ban>', 'its number, as “peers bans” shows it')).action(
    async (id: string, _own: ControlOptions, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const unbanned = await (await findMember(options)).call((member) => member.peers.unban({ id }))
      answer(io, options, unbanned, `Lifted ban ${id}.\n`)
    },
  )
}

/** `peers` and what belongs to it: connections to other members, and who is dialled or refused. */
export function addPeers(program: Command, io: Io): void {
  const peers = withControl(program.command('peers').description('connections to other members')).action(async (options: ControlOptions) => {
    const list = await (await findMember(options)).call((member) => member.peers.list())
    const rows = list.map((peer) => [
      peer.nickname,
      peer.memberId.slice(0, 12),
      peer.endpoint,
      peer.direction,
      peer.latencyMs === null ? '' : `${Math.round(peer.latencyMs)} ms`,
      bytes(peer.bytesIn),
      bytes(peer.bytesOut),
      String(peer.height),
      String(peer.reputation),
      peer.version,
    ])
    const columns = [
      { title: 'Nickname' },
      { title: 'Member' },
      { title: 'Endpoint' },
      { title: 'Way' },
      { title: 'Latency', ...right },
      { title: 'In', ...right },
      { title: 'Out', ...right },
      { title: 'Height', ...right },
      { title: 'Reputation', ...right },
      { title: 'Version' },
    ]
    answer(io, options, list, table(columns, rows, 'No connections.', io.styled))
  })
  addChanges(peers, io)
  addLists(peers, io)
}

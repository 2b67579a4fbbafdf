import type { Command } from 'commander'
import type { Balance, Status } from '../../api/schemas.ts'
import { syncWords } from '../../api/sync-words.ts'
import { answer, type ControlOptions, withControl } from '../context.ts'
import type { Io } from '../io.ts'
import { findMember } from '../remote.ts'
import { cheese, counted, listing, short, table, time } from '../table.ts'
import { miningText } from './mine.ts'
import { reachLines } from './network.ts'

function balanceText({ spendable, ripening, pending }: Balance): string {
  return `${cheese(spendable)} cheese spendable, ${cheese(ripening)} ripening, ${cheese(pending)} pending`
}

function stackText({ height, tip, syncing, sync }: Status): string {
  const state = syncing ? `syncing, ${height} of ${sync.bestHeight}` : sync.stage === 'alone' ? 'no peers' : 'up to date'
  return `height ${height}, tip ${short(tip)} (${state})`
}

function syncText({ sync }: Status): string | undefined {
  const words = syncWords(sync)
  if (!words) return undefined
  const { step, stage, rate, left, servers, setback } = words
  return [`${Math.floor((sync.progress ?? 0) * 100)} %`, `${stage} (step ${step})`, rate, left, servers, setback]
    .filter((part) => part && part !== '—')
    .join(', ')
}

function statusText(status: Status, styled: boolean): string {
  const { mining, tracker } = status
  return listing(
    [
      ['Member', `${status.nickname || '(no nickname)'}, ${status.network}, version ${status.version}`],
      ['Address', status.address ?? 'none yet: make a wallet'],
      ['Balance', balanceText(status.balance)],
      ['Wallet', status.wallet],
      ['Stack', stackText(status)],
      ['Sync', syncText(status)],
      ['Mining', miningText(mining)],
      ['Network', `${counted(status.peers, 'peer')}, ${counted(status.mempool, 'waiting transfer')}, listening at ${status.listen}`],
      ['Alone', status.alone === null ? undefined : `${status.alone.words} ${status.alone.repair}`],
      ...reachLines(status.reach),
      ['Signatures', `verified by ${status.verifier}`],
      ['Tracker', tracker.hosting === null ? undefined : `hosting at ${tracker.hosting}`],
      ...tracker.joined.map(({ url, state, error }) => ['Tracker', `${state} ${url}${error === null ? '' : `: ${error}`}`] as const),
      ...status.problems.map(({ severity, message }) => [severity === 'notice' ? 'Notice' : 'Problem', message] as const),
    ],
    styled,
  )
}

const reach = (reachable: boolean | null) => (reachable === null ? '?' : reachable ? 'yes' : 'no')

/** `status`, `balance`, `members`: what a running member knows. */
export function addOverview(program: Command, io: Io): void {
  withControl(program.command('status').description('everything about the running member at a glance')).action(async (options: ControlOptions) => {
    const status = await (await findMember(options)).call((member) => member.status())
    answer(io, options, status, statusText(status, io.styled))
  })

  withControl(program.command('balance').description('what can be sent, ripens or is on its way')).action(async (options: ControlOptions) => {
    const balance = await (await findMember(options)).call((member) => member.balance())
    const { spendable, ripening, pending } = balance
    answer(
      io,
      options,
      balance,
      listing(
        [
          ['Spendable', `${cheese(spendable)} cheese`],
          ['Ripening', `${cheese(ripening)} cheese`],
          ['Pending', `${cheese(pending)} cheese`],
        ],
        io.styled,
      ),
    )
  })

  withControl(program.command('members').description('who is online')).action(async (options: ControlOptions) => {
    const members = await (await findMember(options)).call((member) => member.members())
    const rows = members.map((one) => [
      one.nickname,
      one.address ?? '',
      one.memberId.slice(0, 12),
      one.endpoint,
      one.height === null ? '' : String(one.height),
      reach(one.reachable),
      one.connected ? 'yes' : 'no',
      time(one.lastSeen),
    ])
    const columns = [
      { title: 'Nickname' },
      { title: 'Address' },
      { title: 'Member' },
      { title: 'Endpoint' },
      { title: 'Height', align: 'right' as const },
      { title: 'Reachable' },
      { title: 'Connected' },
      { title: 'Last seen' },
    ]
    answer(io, options, members, table(columns, rows, 'Nobody else is known to be online: join a tracker, or dial somebody with --peer.', io.styled))
  })
}

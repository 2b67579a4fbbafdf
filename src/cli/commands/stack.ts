import type { Command } from 'commander'
import type { CheeseSummary, Shown } from '../../api/schemas.ts'
import { answer, type ControlOptions, withControl } from '../context.ts'
import type { Io } from '../io.ts'
import { countArgument, heightArgument } from '../parse.ts'
import { findMember, type Remote } from '../remote.ts'
import { bytes, cheese, counted, listing, short, table, time } from '../table.ts'

const PAGE = 500

async function cheesesOf(remote: Remote, from: number | undefined, count: number): Promise<CheeseSummary[]> {
  const cheeses: CheeseSummary[] = []
  let next = from
  while (cheeses.length < count) {
    const wanted = Math.min(PAGE, count - cheeses.length)
    const page = await remote.call((member) => member.stack.list({ count: wanted, ...(next === undefined ? {} : { from: next }) }))
    cheeses.push(...page)
    const last = page.at(-1)
    if (last === undefined || last.height === 0 || page.length < wanted) break
    next = last.height - 1
  }
  return cheeses
}

function shownText(shown: Shown, styled: boolean): string {
  if (shown.type === 'cheese') {
    const facts = listing(
      [
        ['Cheese', `height ${shown.height}, ${counted(shown.confirmations, 'confirmation')}`],
        ['Smell', shown.smell],
        ['Parent', shown.parent],
        ['Time', time(shown.time)],
        ['Miner', shown.miner],
        // The blue cheese's reward is never credited.
        ['Reward', shown.height === 0 ? 'none' : `${cheese(shown.reward)} cheese (fees ${cheese(shown.fees)}), ripens at height ${shown.ripensAt}`],
        ['Extra', shown.extra],
        ['Bits', shown.bits],
        ['Nonce', shown.nonce],
        ['Work', shown.work],
        ['Accounts root', shown.accountsRoot],
        ['Body root', shown.bodyRoot],
        ['Size', bytes(shown.size)],
        ['Transfers', String(shown.transfers)],
      ],
      styled,
    )
    const rows = shown.items.map((item) => [
      item.id,
      item.from,
      cheese(item.payments.reduce((sum, { amount }) => sum + BigInt(amount), 0n).toString()),
      cheese(item.fee),
    ])
    return rows.length === 0
      ? facts
      : `${facts}\n${table([{ title: 'Id' }, { title: 'From' }, { title: 'Amount', align: 'right' }, { title: 'Fee', align: 'right' }], rows, '', styled)}`
  }
  if (shown.type === 'transfer') {
    return listing(
      [
        ['Transfer', shown.id],
        ['State', shown.state === 'waiting' ? 'waiting' : `in cheese ${shown.height}, ${counted(shown.confirmations ?? 0, 'confirmation')}`],
        ['From', shown.from],
        ...shown.payments.map(({ to, amount }) => ['To', `${to}  ${cheese(amount)} cheese`] as const),
        ['Fee', `${cheese(shown.fee)} cheese`],
        ['Memo', shown.memo],
        ['Sequence', String(shown.sequence)],
        ['Expires', shown.expiry === 0 ? 'never' : `after height ${shown.expiry}`],
        ['Time', time(shown.time)],
        ['Size', bytes(shown.size)],
      ],
      styled,
    )
  }
  const facts = listing(
    [
      ['Account', shown.address],
      ['Contact', shown.name],
      ['Balance', `${cheese(shown.balance)} cheese`],
      ['Ripening', `${cheese(shown.ripening)} cheese`],
      ['Sequence', String(shown.sequence)],
    ],
    styled,
  )
  const rows = shown.activity.map((one) => [
    String(one.height),
    one.kind,
    cheese(one.amount),
    one.counterparty ?? '',
    time(one.time),
    short(one.id ?? one.smell),
  ])
  return `${facts}\n${table([{ title: 'Height', align: 'right' }, { title: 'Kind' }, { title: 'Amount', align: 'right' }, { title: 'With' }, { title: 'Time' }, { title: 'Id or smell' }], rows, 'Nothing touched this address yet.', styled)}`
}

/** `stack`, `show`: the cheese stack of a running member. */
export function addStack(program: Command, io: Io): void {
  withControl(program.command('stack').description('cheeses, tip first'))
    .option('--from <height>', 'start at this height and go down (default: the tip)', heightArgument)
    .option('--count <n>', 'so many cheeses', countArgument, 20)
    .action(async (options: ControlOptions & { readonly from?: number; readonly count: number }) => {
      const cheeses = await cheesesOf(await findMember(options), options.from, options.count)
      const rows = cheeses.map((one) => [
        String(one.height),
        short(one.smell),
        time(one.time),
        one.miner,
        cheese(one.reward),
        String(one.transfers),
        bytes(one.size),
      ])
      const right = { align: 'right' as const }
      const columns = [
        { title: 'Height', ...right },
        { title: 'Smell' },
        { title: 'Time' },
        { title: 'Miner' },
        { title: 'Reward', ...right },
        { title: 'Transfers', ...right },
        { title: 'Size', ...right },
      ]
      answer(io, options, cheeses, table(columns, rows, 'No cheeses.', io.styled))
    })

  withControl(program.command('show').description('a cheese, transfer or account').argument('<what>', 'height, smell, transfer id or address')).action(
    async (query: string, options: ControlOptions) => {
      const shown = await (await findMember(options)).call((member) => member.stack.show({ query }))
      answer(io, options, shown, shownText(shown, io.styled))
    },
  )
}

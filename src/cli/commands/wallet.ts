import { type Command, Option } from 'commander'
import type { MemberClient } from '../../api/carriers/client.ts'
import type { HistoryEntry, Sent } from '../../api/schemas.ts'
import { answer, type ControlOptions, readSecretFile, withControl } from '../context.ts'
import { CommandError, type Io } from '../io.ts'
import { amountArgument, countArgument, heightArgument } from '../parse.ts'
import { failureCode, findMember, type Remote } from '../remote.ts'
import { cheese, listing, short, table, time } from '../table.ts'

interface SendOptions extends ControlOptions {
  readonly fee?: string
  readonly memo?: string
  readonly expires?: number
  readonly passphraseFile?: string
}

const PAGE = 500

/** Sends; a locked wallet asks for the passphrase on a terminal. */
async function send(remote: Remote, io: Io, input: Parameters<MemberClient['wallet']['send']>[0], passphraseFile: string | undefined): Promise<Sent> {
  const passphrase = passphraseFile === undefined ? undefined : await readSecretFile(passphraseFile, 'passphrase')
  try {
    return await remote.call((member) => member.wallet.send({ ...input, ...(passphrase === undefined ? {} : { passphrase }) }))
  } catch (error) {
    if (failureCode(error) !== 'WALLET_LOCKED') throw error
    if (!io.interactive)
      throw new CommandError('The wallet is locked and there is no terminal to ask for its passphrase on: give it with --passphrase-file FILE.')
  }
  const typed = await io.askSecret('Passphrase: ')
  return remote.call((member) => member.wallet.send({ ...input, passphrase: typed }))
}

/** The latest `count` entries, or all of them. */
async function historyOf(remote: Remote, count: number | undefined): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = []
  for (;;) {
    const limit = Math.min(PAGE, (count ?? Number.POSITIVE_INFINITY) - entries.length)
    if (limit === 0) return entries
    const page = await remote.call((member) => member.wallet.history({ offset: entries.length, limit }))
    entries.push(...page.entries)
    if (page.entries.length < limit) return entries
  }
}

const SIGN = { sent: '-', received: '+', reward: '+' } as const

function historyRow(entry: HistoryEntry): string[] {
  const who = entry.kind === 'reward' ? 'mined' : (entry.name ?? entry.counterparty ?? '')
  return [
    time(entry.time),
    entry.kind,
    entry.state,
    `${SIGN[entry.kind]}${cheese(entry.amount)}`,
    who,
    entry.memo,
    String(entry.confirmations),
    short(entry.id ?? entry.smell ?? ''),
  ]
}

/** `send`, `history`, `contacts`: the wallet of a running member. */
export function addWallet(program: Command, io: Io): void {
  withControl(
    program
      .command('send')
      .description('pays cheese to an address, a contact or a member')
      .argument('<to>', "address, contact's name or member's nickname")
      .argument('<amount>', 'decimal cheese', amountArgument),
  )
    .option('--fee <cheese>', 'the whole fee, decimal cheese (default: what gets it into the next cheeses)', amountArgument)
    .option('--memo <text>', 'a note that everybody can read, at most 80 bytes')
    .option('--expires <height>', 'the last height at which it may be in a cheese, 0 = never', heightArgument)
    .option('--passphrase-file <file>', 'holds the passphrase: opens a locked wallet without asking')
    .action(async (to: string, amount: string, options: SendOptions) => {
      const { fee, memo, expires } = options
      const input = {
        to,
        amount,
        ...(fee === undefined ? {} : { fee }),
        ...(memo === undefined ? {} : { memo }),
        ...(expires === undefined ? {} : { expires }),
      }
      const sent = await send(await findMember(options), io, input, options.passphraseFile)
      const pairs = [
        ['Sent', `${cheese(sent.amount)} cheese to ${sent.to}`],
        ['Fee', `${cheese(sent.fee)} cheese`],
        ['Id', sent.id],
        ['Expires', sent.expiry === 0 ? 'never' : `after height ${sent.expiry}`],
      ] as const
      answer(io, options, sent, listing(pairs, io.styled))
    })

  withControl(program.command('history').description('sent, received and mined, latest first'))
    .addOption(new Option('--count <n>', 'at most so many').argParser(countArgument))
    .action(async (options: ControlOptions & { readonly count?: number }) => {
      const entries = await historyOf(await findMember(options), options.count)
      const columns = [
        { title: 'Time' },
        { title: 'Kind' },
        { title: 'State' },
        { title: 'Amount', align: 'right' as const },
        { title: 'With' },
        { title: 'Memo' },
        { title: 'Confirmations', align: 'right' as const },
        { title: 'Id or smell' },
      ]
      answer(io, options, entries, table(columns, entries.map(historyRow), 'Nothing was sent, received or mined yet.', io.styled))
    })

  const contacts = withControl(program.command('contacts').description('names for addresses')).action(async (options: ControlOptions) => {
    const list = await (await findMember(options)).call((member) => member.contacts.list())
    const rows = list.map(({ name, address, pinnedKey }) => [name, address, pinnedKey === null ? 'no' : 'yes'])
    answer(io, options, list, table([{ title: 'Name' }, { title: 'Address' }, { title: 'Key pinned' }], rows, 'No contacts yet.', io.styled))
  })
  withControl(contacts.command('add').description('adds a contact').argument('<name>').argument('<address>')).action(
    async (name: string, address: string, _own: ControlOptions, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const contact = await (await findMember(options)).call((member) => member.contacts.add({ name, address }))
      answer(io, options, contact, `Added ${contact.name}: ${contact.address}\n`)
    },
  )
  withControl(contacts.command('remove').description('removes a contact').argument('<name>')).action(
    async (name: string, _own: ControlOptions, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const removed = await (await findMember(options)).call((member) => member.contacts.remove({ name }))
      answer(io, options, removed, `Removed ${name}.\n`)
    },
  )
}

import type { Command } from 'commander'
import { consoleLogger } from '../../platform/logger.ts'
import type { Layout } from '../../server/layout.ts'
import { answer, dataDirOf, type FolderOptions, networkIn, passphraseFrom, readSecretFile, withFolder } from '../context.ts'
import type { Io } from '../io.ts'
import { bytes, counted, listing, short } from '../table.ts'

interface PassphraseFlag {
  readonly passphraseFile?: string
}

const offline = () => import('../../member/offline.ts')

/** `words`, `restore`, `verify`, `dump`, `load`: what is done to a data folder while no member runs in it. */
export function addOffline(program: Command, io: Io, layout: Layout): void {
  const common = (options: FolderOptions) => ({
    dataDir: dataDirOf(options),
    network: options.network,
    workers: layout.workers,
    nativeAddon: layout.nativeAddon,
    log: consoleLogger('error', (line) => io.err(line)),
  })

  withFolder(program.command('words').description('shows the words of the wallet'))
    .option('--passphrase-file <file>', 'holds the passphrase: opens the wallet without asking')
    .action(async (options: FolderOptions & PassphraseFlag) => {
      const { requireWallet, words } = await offline()
      await requireWallet(common(options))
      const network = (await networkIn(dataDirOf(options))) ?? options.network
      const shown = await words({ ...common(options), network, passphrase: await passphraseFrom(io, options.passphraseFile, 'known') })
      answer(io, options, { words: shown }, `${shown.join(' ')}\n`)
    })

  withFolder(program.command('restore').description('makes a wallet from its words'))
    .requiredOption('--words-file <file>', 'the twelve words')
    .option('--passphrase-file <file>', 'holds the passphrase that will open it')
    .option('--nickname <name>', 'what others see')
    .action(async (options: FolderOptions & PassphraseFlag & { readonly wordsFile: string; readonly nickname?: string }) => {
      const { requireWords, restore } = await offline()
      const words = await readSecretFile(options.wordsFile, 'words')
      requireWords(words)
      const passphrase = await passphraseFrom(io, options.passphraseFile, 'new')
      const { address } = await restore({ ...common(options), words, passphrase, ...(options.nickname === undefined ? {} : { nickname: options.nickname }) })
      answer(io, options, { address }, `The wallet is restored: ${address}\n`)
    })

  withFolder(program.command('verify').description('checks the whole stored stack from the blue cheese, every rule')).action(async (options: FolderOptions) => {
    const { verify } = await offline()
    const report = await verify(common(options))
    const text = listing(
      [
        ['Every rule holds up to', `height ${report.height}, tip ${short(report.tip)}`],
        ['Accounts root', report.accountsRoot],
        ['Checked', `${counted(report.cheeses, 'cheese')}, ${counted(report.transfers, 'transfer')} in ${report.seconds.toFixed(1)} s`],
        ['Speed', `${Math.round(report.cheesesPerSecond)} cheeses/s, ${Math.round(report.transfersPerSecond)} transfers/s`],
      ],
      io.styled,
    )
    answer(io, options, report, text)
  })

  withFolder(program.command('dump').description('writes the stack to a file'))
    .requiredOption('--out <file>', 'the file to write')
    .action(async (options: FolderOptions & { readonly out: string }) => {
      const { dump } = await offline()
      const written = await dump({ ...common(options), file: options.out })
      answer(io, options, written, `Wrote the stack up to height ${written.height} to ${options.out} (${bytes(written.bytes)}).\n`)
    })

  withFolder(program.command('load').description('reads a dumped stack, checking everything'))
    .requiredOption('--in <file>', 'the file to read')
    .action(async (options: FolderOptions & { readonly in: string }) => {
      const { load } = await offline()
      const loaded = await load({ ...common(options), file: options.in })
      answer(io, options, loaded, `The stack stands at height ${loaded.height}, tip ${short(loaded.tip)}.\n`)
    })
}

import { ORPCError } from '@orpc/client'
import { Command, CommanderError } from 'commander'
import { Failure } from '../api/errors.ts'
import type { Layout } from '../server/layout.ts'
import { addControl } from './commands/control.ts'
import { addMember } from './commands/member.ts'
import { addMine } from './commands/mine.ts'
import { addNetwork } from './commands/network.ts'
import { addOffline } from './commands/offline.ts'
import { addOverview } from './commands/overview.ts'
import { addPeers } from './commands/peers.ts'
import { addStack } from './commands/stack.ts'
import { addTracker } from './commands/tracker.ts'
import { addTrackers } from './commands/trackers.ts'
import { addWallet } from './commands/wallet.ts'
import { CommandError, type Io, UsageError } from './io.ts'

const EXIT = { done: 0, failed: 1, misused: 2 } as const

function program(io: Io, layout: Layout): Command {
  const cheese = new Command('cheese')
    .description('A member of the Cheese Stack, its tracker, and what tells a running one what to do.')
    .version(layout.version, '-V, --version', 'says the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: () => undefined, outputError: () => undefined })
    .addHelpText('after', '\nEvery command takes --json and --help. Exit codes: 0 done, 1 failed, 2 not used as meant.')
  cheese.commandsGroup('Programs that stay:')
  addMember(cheese, io, layout)
  addTracker(cheese, io, layout)
  cheese.commandsGroup('Against a running member:')
  addOverview(cheese, io)
  addNetwork(cheese, io)
  addPeers(cheese, io)
  addTrackers(cheese, io)
  addWallet(cheese, io)
  addMine(cheese, io)
  addControl(cheese, io)
  addStack(cheese, io)
  cheese.commandsGroup('While no member runs in the folder:')
  addOffline(cheese, io, layout)
  return cheese
}

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, ' ').trim()

function failed(io: Io, code: number, message: string): number {
  io.err(`cheese: ${oneLine(message)}\n`)
  return code
}

/**
 * Runs `cheese` with the arguments `args`.
 * @returns the exit code: 0 when it did what it was asked, 2 on bad usage, 1 on failure; then one line on stderr says what to do
 */
export async function run(args: readonly string[], io: Io, layout: Layout): Promise<number> {
  if (args.length === 0) return failed(io, EXIT.misused, 'Say what to do, for example "cheese status"; "cheese --help" lists everything.')
  try {
    await program(io, layout).parseAsync([...args], { from: 'user' })
    return EXIT.done
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done
      if (error.code === 'commander.help') return failed(io, EXIT.misused, `Say which command; "cheese ${args.join(' ')} --help" lists them.`)
      const command = error.code === 'commander.unknownCommand' || args[0]?.startsWith('-') ? 'cheese' : `cheese ${args[0]}`
      return failed(io, EXIT.misused, `${error.message.replace(/^error: /, '')} (see "${command} --help")`)
    }
    if (error instanceof UsageError) return failed(io, EXIT.misused, error.message)
    if (error instanceof CommandError || error instanceof Failure || error instanceof ORPCError) return failed(io, EXIT.failed, error.message)
    return failed(
      io,
      EXIT.failed,
      `Something went wrong inside Cheese Stack; please report this. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  }
}

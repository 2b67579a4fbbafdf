import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { Network, type NetworkName } from '../api/schemas.ts'
import { defaultDataDir } from '../platform/folders.ts'
import { CommandError, type Io, UsageError } from './io.ts'
import { endpointArgument } from './parse.ts'

export interface JsonOption {
  readonly json?: true
}

export interface FolderOptions extends JsonOption {
  readonly network: NetworkName
  readonly dataDir?: string
}

export interface ControlOptions extends FolderOptions {
  readonly api?: string
}

/** Adds the option that every command takes. */
export function withJson(command: Command): Command {
  return command.option('--json', 'answer with one JSON document')
}

/** Adds the options that name a member's data folder. */
export function withFolder(command: Command): Command {
  return withJson(command)
    .addOption(new Option('--network <network>', 'which network').choices(['main', 'test', 'regtest']).default('main'))
    .option('--data-dir <dir>', "the member's data folder (default: the user's own for the network)")
}

/** Adds the options that name a running member. */
export function withControl(command: Command): Command {
  return withFolder(command).option('--api <host:port>', "the member's control API (default: what the data folder says)", endpointArgument)
}

/** The data folder that the options name. */
export function dataDirOf(options: FolderOptions): string {
  return options.dataDir === undefined ? defaultDataDir(options.network) : resolve(options.dataDir)
}

/** The network that the data folder says it belongs to, or undefined when it says nothing that we understand. */
export async function networkIn(dataDir: string): Promise<NetworkName | undefined> {
  try {
    return Network.parse((JSON.parse(await readFile(join(dataDir, 'network.json'), 'utf8')) as { network?: unknown }).network)
  } catch {
    return undefined
  }
}

/** Answers: one JSON document with `--json`, else `text` for people. */
export function answer(io: Io, options: JsonOption, document: unknown, text: string): void {
  io.out(options.json ? `${JSON.stringify(document)}\n` : text)
}

/** What `path` holds, without the line end that editors leave. */
export async function readSecretFile(path: string, what: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'it cannot be read by this user'
    throw new CommandError(`No ${what} could be read from ${path}: ${reason}. Check the name and the permissions of the file.`)
  }
}

/** The passphrase from its file, or from the terminal (asked twice for a new one). Fails when there is neither. */
export async function passphraseFrom(io: Io, file: string | undefined, kind: 'new' | 'known'): Promise<string> {
  if (file !== undefined) return readSecretFile(file, 'passphrase')
  if (!io.interactive) throw new UsageError('A passphrase is needed and there is no terminal to ask on: give it with --passphrase-file FILE.')
  if (kind === 'known') return io.askSecret('Passphrase: ')
  const first = await io.askSecret('New passphrase: ')
  if ((await io.askSecret('The same again: ')) !== first) throw new CommandError('The two passphrases differ: nothing was made. Try again.')
  return first
}

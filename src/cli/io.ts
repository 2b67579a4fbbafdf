/** What the command line needs of the terminal and the process it runs in. */
export interface Io {
  /** Writes to stdout: answers alone. */
  out(text: string): void
  /** Writes to stderr: everything else. */
  err(text: string): void
  /** Whether a person can be asked. */
  readonly interactive: boolean
  /** Whether stdout is a terminal that shows styles. */
  readonly styled: boolean
  /** Asks for a line. */
  ask(question: string): Promise<string>
  /** Asks for something secret, which is not shown while it is typed. */
  askSecret(question: string): Promise<string>
  /** Resolves when the process is asked to end (SIGTERM, SIGINT). */
  readonly interrupted: Promise<void>
}

/** The command was not used as it is meant to be: exit code 2. */
export class UsageError extends Error {}

/** The command could not do what it was asked; the message says why and what to do: exit code 1. */
export class CommandError extends Error {}

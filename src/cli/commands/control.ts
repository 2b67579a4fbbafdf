import type { Command } from 'commander'
import { readApiFile } from '../../server/api-file.ts'
import { answer, type ControlOptions, withControl } from '../context.ts'
import { CommandError, type Io } from '../io.ts'
import { countArgument } from '../parse.ts'
import { processEnded } from '../process-ended.ts'
import { findMember, type Remote } from '../remote.ts'
import { table } from '../table.ts'

/** How long a member may take to end, and how long its process may outlive its last word, milliseconds. */
const END_MS = 120_000
const EXIT_MS = 5_000

const pause = () => new Promise((resolve) => setTimeout(resolve, 50))

/** Resolves when the member has ended: its process is gone, or it has taken `api.json` away (the last thing that it does). */
async function untilEnded({ dataDir, file }: Remote): Promise<void> {
  const deadline = Date.now() + END_MS
  let lastWord = Number.POSITIVE_INFINITY
  for (;;) {
    if (processEnded(file.pid) || Date.now() > lastWord) return
    if (lastWord === Number.POSITIVE_INFINITY && (await readApiFile(dataDir))?.token !== file.token) lastWord = Date.now() + EXIT_MS
    if (Date.now() > deadline)
      throw new CommandError(
        `The member (process ${file.pid}) was told to stop and has not ended in ${END_MS / 1000} seconds: see its log, or end the process.`,
      )
    await pause()
  }
}

async function stop(remote: Remote): Promise<void> {
  try {
    await remote.call((member) => member.stop())
  } catch (error) {
    // The member may be gone before its answer is through.
    if (!(error instanceof CommandError) || !processEnded(remote.file.pid)) throw error
  }
  await untilEnded(remote)
}

/** `generate`, `stop`: tells a running member what to do. */
export function addControl(program: Command, io: Io): void {
  withControl(program.command('generate').description('mines so many cheeses now (regtest only)').argument('<n>', 'how many', countArgument)).action(
    async (count: number, options: ControlOptions) => {
      const cheeses = await (await findMember(options)).call((member) => member.mining.generate({ count }))
      const rows = cheeses.map(({ height, smell }) => [String(height), smell])
      answer(io, options, cheeses, table([{ title: 'Height', align: 'right' }, { title: 'Smell' }], rows, 'No cheeses.', io.styled))
    },
  )

  withControl(program.command('stop').description('ends the running member, and returns when it has ended')).action(async (options: ControlOptions) => {
    await stop(await findMember(options))
    answer(io, options, { stopped: true }, 'The member has ended.\n')
  })
}

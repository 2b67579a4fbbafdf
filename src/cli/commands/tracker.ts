import type { Command } from 'commander'
import { createIdentity } from '../../net/identity.ts'
import { probe } from '../../net/probe.ts'
import { systemClock } from '../../platform/clock.ts'
import { consoleLogger } from '../../platform/logger.ts'
import { nodeVerifier } from '../../platform/network-verify.ts'
import { systemRandom } from '../../platform/random.ts'
import { tlsTransport } from '../../platform/tls-transport.ts'
import type { Layout } from '../../server/layout.ts'
import type { TrackerReady } from '../../server/ready.ts'
import { TrackerServer } from '../../tracker/server.ts'
import { answer, type JsonOption, withJson } from '../context.ts'
import { CommandError, type Io } from '../io.ts'
import { endpointArgument } from '../parse.ts'

/** A member that is dialled back has this long to answer. */
const DIAL_BACK_MS = 5_000

async function runTracker(io: Io, layout: Layout, options: JsonOption & { readonly listen: string }): Promise<void> {
  const interrupted = io.interrupted
  const transport = tlsTransport(await createIdentity())
  const opened = await TrackerServer.open({
    listen: options.listen,
    clock: systemClock,
    random: systemRandom,
    log: consoleLogger('info', (line) => io.err(line)),
    version: layout.version,
    verifier: nodeVerifier,
    dialBack: ({ endpoint, blueSmell }) => probe({ transport, endpoint, blueSmell, timeoutMs: DIAL_BACK_MS, clock: systemClock, random: systemRandom }),
  })
  if (!opened.ok) throw new CommandError(opened.error.message)
  const tracker = opened.value
  const ready: TrackerReady = { ready: true, pid: process.pid, listen: tracker.listen }
  answer(io, options, ready, `Ready: the tracker listens at ${tracker.listen}; members join it by ${tracker.urls().join(' or ')} (process ${process.pid}).\n`)
  await interrupted
  await tracker.close()
}

/** `tracker`: runs a tracker alone, until it is told to end. */
export function addTracker(program: Command, io: Io, layout: Layout): void {
  withJson(program.command('tracker').description('runs a tracker, alone, until it is told to end'))
    .option('--listen <host:port>', 'where members reach it', endpointArgument, '0.0.0.0:9876')
    .action((options: JsonOption & { readonly listen: string }) => runTracker(io, layout, options))
}

import { type Command, Option } from 'commander'
import type { HostedTracker, JoinedTracker } from '../../api/schemas-tracker.ts'
import { answer, type ControlOptions, withControl } from '../context.ts'
import type { Io } from '../io.ts'
import { endpointArgument } from '../parse.ts'
import { findMember } from '../remote.ts'
import { listing, table, time } from '../table.ts'

const STATES = { trying: 'being asked', joined: 'answers', failing: 'does not answer' } as const

function stateOf({ state, error, lastAnswer }: JoinedTracker): string {
  if (state !== 'failing') return STATES[state]
  const when = lastAnswer === null ? 'it never did' : `last at ${time(lastAnswer)}`
  return `${STATES[state]} (${when})${error === null ? '' : `: ${error}`}`
}

function hostedText(tracker: HostedTracker, styled: boolean): string {
  const { listen, link, selfTest, startWithApp, total } = tracker
  const pairs = [
    ['Hosted at', listen],
    ['Link for friends', link],
    ['Others', [selfTest.words, selfTest.repair].filter((part) => part).join(' ')],
    ['Registered', `${total} ${total === 1 ? 'member' : 'members'}`],
    ['Next start', startWithApp ? 'hosted again' : 'not hosted'],
  ] as const
  return listing(pairs, styled)
}

function addHosting(trackers: Command, io: Io): void {
  withControl(trackers.command('host').description('hosts a tracker in the running member'))
    .addOption(new Option('--listen <host:port>', 'where').default('[::]:9876').argParser(endpointArgument))
    .option('--once', 'not again when the member starts anew')
    .action(async (own: ControlOptions & { readonly listen: string; readonly once?: true }, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const hosted = await (await findMember(options)).call((member) => member.tracker.host({ listen: own.listen, startWithApp: own.once !== true }))
      answer(io, options, hosted, hostedText(hosted, io.styled))
    })

  withControl(trackers.command('unhost').description('hosts it no more')).action(async (_own: ControlOptions, command: Command) => {
    const options = command.optsWithGlobals<ControlOptions>()
    const stopped = await (await findMember(options)).call((member) => member.tracker.unhost())
    answer(io, options, stopped, 'No tracker is hosted any more.\n')
  })

  withControl(trackers.command('check').description('has other members try whether the hosted tracker can be reached')).action(
    async (_own: ControlOptions, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const hosted = await (await findMember(options)).call((member) => member.tracker.check())
      answer(io, options, hosted, hostedText(hosted, io.styled))
    },
  )
}

/** `trackers` and what belongs to it: the trackers that the running member has joined, and the one that it hosts. */
export function addTrackers(program: Command, io: Io): void {
  const trackers = withControl(program.command('trackers').description('trackers joined and hosted by the running member')).action(
    async (options: ControlOptions) => {
      const status = await (await findMember(options)).call((member) => member.tracker.status())
      const rows = status.joined.map((tracker) => [tracker.url, tracker.own ? `${stateOf(tracker)}, your own` : stateOf(tracker)])
      const joined = table([{ title: 'Tracker' }, { title: 'State' }], rows, 'None is joined: "cheese trackers join" takes an address or a link.', io.styled)
      answer(io, options, status, status.hosting ? `${joined}\n${hostedText(status.hosting, io.styled)}` : joined)
    },
  )

  withControl(
    trackers
      .command('join')
      .description('is listed at a tracker, and hears there of others')
      .argument('<address>', 'HOST:PORT, http://… or a link cheese-tracker:…'),
  ).action(async (url: string, _own: ControlOptions, command: Command) => {
    const options = command.optsWithGlobals<ControlOptions>()
    const joined = await (await findMember(options)).call((member) => member.tracker.join({ url }))
    answer(io, options, joined, `Joined ${joined.url}: "cheese trackers" says whether it answers.\n`)
  })

  withControl(trackers.command('leave').description('is listed there no more').argument('<address>', 'as “trackers” shows it')).action(
    async (url: string, _own: ControlOptions, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>()
      const left = await (await findMember(options)).call((member) => member.tracker.leave({ url }))
      answer(io, options, left, `Left ${url}.\n`)
    },
  )
  addHosting(trackers, io)
}

import type { Command } from 'commander'
import { mappingWords } from '../../api/network-words.ts'
import type { NetworkChoices, Reach } from '../../api/schemas-network.ts'
import { answer, type ControlOptions, withControl } from '../context.ts'
import { type Io, UsageError } from '../io.ts'
import { onOffArgument } from '../parse.ts'
import { findMember } from '../remote.ts'
import { counted, listing, time } from '../table.ts'

interface NetworkOptions extends ControlOptions {
  readonly portMapping?: boolean
  readonly lan?: boolean
  readonly proxy?: string
}

const WHAT = ['check', 'set'] as const

/** Lines about reachability: for `status`, and for `network`. */
export function reachLines({ words, repair, checkedAt, mapping, lan, proxy }: Reach): (readonly [string, string | undefined])[] {
  return [
    ['Reach', `${words}${checkedAt === null ? '' : ` (${time(checkedAt)})`}${repair === null ? '' : ` ${repair}`}`],
    ['Router', mapping.state === 'off' ? undefined : mappingWords(mapping)],
    ['Local', lan.on ? `${counted(lan.found, 'member')} found in the local network` : undefined],
    ['Proxy', proxy ?? undefined],
  ]
}

function choicesText({ portMapping, lan, proxy }: NetworkChoices, styled: boolean): string {
  return listing(
    [
      ['Router', portMapping ? 'asked to let others in' : 'not asked to let others in'],
      ['Local', lan ? 'members in the local network are looked for' : 'members in the local network are not looked for'],
      ['Proxy', proxy ?? 'none'],
    ],
    styled,
  )
}

/** `network`: whether others can reach this member, and what is chosen about that. */
export function addNetwork(program: Command, io: Io): void {
  withControl(program.command('network').description('whether others can reach this member (check asks them anew), and what is chosen about that (set)'))
    .argument('[what]', `${WHAT.join(' or ')}; left out: as it is known`)
    .option('--port-mapping <on|off>', 'set: ask the router to let others in', onOffArgument)
    .option('--lan <on|off>', 'set: look for members in the local network, and be found there', onOffArgument)
    .option('--proxy <url>', 'set: a SOCKS5 proxy for everything that goes out, as socks5://127.0.0.1:9050; "none" for none')
    .action(async (what: string | undefined, options: NetworkOptions) => {
      const { portMapping, lan, proxy } = options
      const given = portMapping !== undefined || lan !== undefined || proxy !== undefined
      if (what !== undefined && what !== 'check' && what !== 'set') throw new UsageError(`Say ${WHAT.join(' or ')} after network, or nothing.`)
      if (given !== (what === 'set')) throw new UsageError('Choices go with set, and set needs one: --port-mapping, --lan or --proxy.')
      const member = await findMember(options)
      if (what !== 'set') {
        const reach = await member.call(async (client) => (what === 'check' ? client.network.check() : (await client.status()).reach))
        answer(io, options, reach, listing(reachLines(reach), io.styled))
        return
      }
      const choices = await member.call((client) =>
        client.network.set({
          ...(portMapping === undefined ? {} : { portMapping }),
          ...(lan === undefined ? {} : { lan }),
          ...(proxy === undefined ? {} : { proxy: proxy === 'none' ? null : proxy }),
        }),
      )
      answer(io, options, choices, choicesText(choices, io.styled))
    })
}

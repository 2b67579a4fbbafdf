/** A member by hand that gives headers and bodies. */
import type { Made } from '../../chain/testing/maker.ts'
import type { Message } from '../messages.ts'
import { Puppet } from './puppet.ts'
import { PORT, type World } from './world.ts'

/** A peer that serves these cheeses honestly, but for what `react` takes over (by answering true). */
export async function serve(
  world: World,
  host: string,
  cheeses: readonly Made[],
  react: (puppet: Puppet, message: Message) => boolean = () => false,
  claim: { readonly work?: bigint; readonly height?: number } = {},
): Promise<Puppet[]> {
  const puppets: Puppet[] = []
  const hello = { work: claim.work ?? BigInt(cheeses.length + 1) * 256n, height: claim.height ?? cheeses.length, tip: cheeses.at(-1)?.smell ?? 'ee'.repeat(32) }
  await Puppet.listen(world, world.stranger(host, host), { host, port: PORT }, hello, (puppet) => {
    puppets.push(puppet)
    puppet.react = (message) => {
      if (react(puppet, message)) return
      if (message.type === 'getHeaders') {
        const from = cheeses.findIndex((cheese) => message.locator.includes(cheese.smell))
        const known = message.locator.map((smell) => cheeses.findIndex((cheese) => cheese.smell === smell)).find((i) => i >= 0) ?? -1
        puppet.send({
          type: 'headers',
          request: message.request,
          headers: cheeses.slice((from < 0 ? -1 : known) + 1, known + 2001).map((cheese) => cheese.headerBytes),
        })
      }
      // Somebody who does not put cheeses into fewer bytes gives them whole.
      if (message.type !== 'getBodies' && message.type !== 'getCompact') return
      for (const smell of message.type === 'getBodies' ? message.smells : [message.smell]) {
        const cheese = cheeses.find((one) => one.smell === smell)
        if (cheese) puppet.send({ type: 'body', smell, body: cheese.bodyBytes })
        else puppet.send({ type: 'notFound', what: 'body', ids: [smell] })
      }
    }
  })
  return puppets
}

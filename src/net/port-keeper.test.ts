import { expect, it } from 'vitest'
import { parseEndpoint } from '../util/ip.ts'
import { silent } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { PortKeeper } from './port-keeper.ts'
import type { MapFailure, Mapped, MappedBy, PortMapper } from './port-mapping.ts'
import { FakeClock, settle } from './testing/world.ts'

type Answer = Result<Mapped, MapFailure> | 'never'
const at = (text: string, lifetime = 3_600): Answer => ok({ endpoints: [parseEndpoint(text)].flatMap((one) => one ?? []), lifetime })
const no = (code: MapFailure['code'], message: string = code): Answer => err({ code, message })

/** A keeper that asks routers who answer as `answers` says at that moment, and what was asked of them. */
function keeper(answers: Partial<Record<MappedBy, Answer>>) {
  const clock = new FakeClock()
  const asked: string[] = []
  const forgot: (() => void)[] = []
  const mapper = (by: MappedBy): PortMapper => ({
    by,
    async map(port, _lifetime, signal) {
      asked.push(`${by} ${port}`)
      const answer = answers[by] ?? no('silent')
      if (answer !== 'never') return answer
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(err({ code: 'silent', message: 'too late' }))))
    },
    unmap: async (port) => void asked.push(`${by} back ${port}`),
    watch(lost) {
      forgot.push(lost)
      return () => void forgot.splice(forgot.indexOf(lost), 1)
    },
  })
  const kept = new PortKeeper({ mappers: [mapper('pcp'), mapper('nat-pmp'), mapper('upnp')], clock, log: silent, onChange: () => undefined })
  return { clock, asked, forgot, kept, answers }
}

it('asks in order, and the one that worked first from then on, at half of what it gave', async () => {
  const { clock, asked, kept } = keeper({ 'nat-pmp': at('8.1.2.3:9875', 600) })
  await kept.keep(9875)
  expect(kept.state.state).toBe('trying')
  await settle()
  expect(kept.state).toMatchObject({ state: 'mapped', by: 'nat-pmp', error: null })
  expect(asked.splice(0)).toEqual(['pcp 9875', 'nat-pmp 9875'])
  await clock.advance(299_000)
  expect(asked).toEqual([])
  await clock.advance(1_000)
  expect(asked.splice(0)).toEqual(['nat-pmp 9875'])
  await kept.close()
  expect(asked).toEqual(['nat-pmp back 9875'])
  expect(kept.state.state).toBe('off')
  await clock.advance(7_200_000)
  expect(asked).toEqual(['nat-pmp back 9875'])
})

it('gives each way its time and no more, and says what the router said', async () => {
  const { clock, asked, kept } = keeper({ pcp: 'never', 'nat-pmp': no('refused', 'Your router refuses.'), upnp: 'never' })
  await kept.keep(9875)
  await clock.advance(20_000)
  expect(asked).toEqual(['pcp 9875', 'nat-pmp 9875', 'upnp 9875'])
  expect(kept.state).toMatchObject({ state: 'failed', error: 'Your router refuses.' })
})

it('tries again, ever later, and at once when the machine wakes up', async () => {
  const { clock, asked, kept, answers } = keeper({})
  await kept.keep(9875)
  await settle()
  expect(kept.state).toMatchObject({ state: 'failed', error: expect.stringContaining('neither PCP nor NAT-PMP nor UPnP') })
  asked.length = 0
  await clock.advance(60_000)
  expect(asked.splice(0)).toHaveLength(3)
  await clock.advance(60_000)
  expect(asked.splice(0)).toHaveLength(0)
  await clock.advance(60_000)
  expect(asked.splice(0)).toHaveLength(3)
  answers.pcp = at('8.1.2.3:9875')
  kept.again()
  await settle()
  expect(kept.state.state).toBe('mapped')
})

it('asks anew when the router has forgotten, but not as often as it likes', async () => {
  const { clock, asked, forgot, kept } = keeper({ pcp: at('8.1.2.3:9875') })
  await kept.keep(9875)
  await settle()
  asked.length = 0
  for (let i = 0; i < 5; i++) forgot[0]?.()
  await settle()
  expect(asked).toEqual(['pcp 9875'])
  await clock.advance(11_000)
  forgot[0]?.()
  await settle()
  expect(asked).toHaveLength(2)
  await kept.close()
  expect(forgot).toEqual([])
})

it('tells a router behind another from one that let others in', async () => {
  for (const [external, words] of [
    ['192.168.0.2:9875', 'behind a second router'],
    ['100.64.3.4:9875', 'several customers share one address'],
  ] as const) {
    const { kept } = keeper({ pcp: at(external) })
    await kept.keep(9875)
    await settle()
    expect(kept.state).toMatchObject({ state: 'failed', by: 'pcp', endpoints: [], error: expect.stringContaining(words) })
  }
  const v6 = keeper({ pcp: ok({ endpoints: ['100.64.3.4:9875', '[2001:4860::7]:9875'].flatMap((text) => parseEndpoint(text) ?? []), lifetime: 60 }) })
  await v6.kept.keep(9875)
  await settle()
  expect(v6.kept.state).toMatchObject({ state: 'mapped', endpoints: [{ port: 9875 }] })
})

it('gives a port back before it asks for another', async () => {
  const { asked, kept } = keeper({ pcp: at('8.1.2.3:9875') })
  await kept.keep(9875)
  await settle()
  await kept.keep(9999)
  await settle()
  expect(asked).toEqual(['pcp 9875', 'pcp back 9875', 'pcp 9999'])
})

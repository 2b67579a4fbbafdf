import { upnpNat } from '@achingbrain/nat-port-mapper'
import { afterEach, describe, expect, it } from 'vitest'
import type { MapFailure, Mapped, PortMapper } from '../net/port-mapping.ts'
import { formatEndpoint } from '../util/ip.ts'
import type { Result } from '../util/result.ts'
import { bsdRoutes, linuxV4, linuxV6, windowsRoutes } from './gateways.ts'
import { natPmpMapper } from './nat-pmp.ts'
import { decodeMapAnswer, encodeMapRequest, pcpMapper } from './pcp.ts'
import { Epochs, type RouterOptions } from './router.ts'
import { type FakePcpOptions, type FakeUpnpOptions, fakePcp, fakeUpnp } from './testing/fake-routers.ts'
import { upnpMapper } from './upnp.ts'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function router(options: FakePcpOptions = {}) {
  const fake = await fakePcp(options)
  ends.push(() => fake.close())
  const asking: RouterOptions = { gateways: async () => [{ address: '127.0.0.1' }], port: fake.port, now: () => Date.now() }
  return { fake, asking }
}

async function device(options: FakeUpnpOptions = {}, ownGlobal: readonly string[] = []) {
  const fake = await fakeUpnp(options)
  ends.push(() => fake.close())
  const mapper = upnpMapper({ search: fake.search, own: async () => '127.0.0.1', ownGlobal: () => ownGlobal, description: 'a test' })
  return { fake, mapper }
}

/** What came of asking: where others can dial us, or why not. */
const said = (result: Result<Mapped, MapFailure>) => (result.ok ? result.value.endpoints.map(formatEndpoint) : `${result.error.code}: ${result.error.message}`)
const map = async (mapper: PortMapper, ms = 3_000) => said(await mapper.map(9875, 3_600, AbortSignal.timeout(ms)))

describe('PCP', () => {
  it('writes the bytes of RFC 6887, section 7.1 and 11.1', () => {
    const nonce = Uint8Array.from({ length: 12 }, (_, i) => i + 1)
    const bytes = encodeMapRequest({ client: Uint8Array.of(192, 0, 2, 7), nonce, port: 9875, lifetime: 3_600 })
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '02010000' +
        '00000e10' +
        '00000000000000000000ffffc0000207' +
        '0102030405060708090a0b0c' +
        '06000000' +
        '2693' +
        '2693' +
        '00000000000000000000ffff00000000',
    )
  })

  it('opens a port, though the first question is lost, and gives it back under the same nonce', async () => {
    const { fake, asking } = await router({ lost: 1 })
    const mapper = pcpMapper(asking)
    expect(await map(mapper)).toEqual(['8.9.10.11:9875'])
    await mapper.unmap(9875, AbortSignal.timeout(3_000))
    expect(fake.asked).toEqual(['pcp map 9875 3600', 'pcp map 9875 0'])
  })

  it('believes no answer with another nonce, of another port, or cut short', async () => {
    for (const twist of [
      (answer: Uint8Array) => answer.map((byte, i) => (i === 24 ? byte ^ 1 : byte)),
      (answer: Uint8Array) => answer.map((byte, i) => (i === 41 ? byte ^ 1 : byte)),
      (answer: Uint8Array) => answer.subarray(0, 50),
    ]) {
      const { asking } = await router({ twist })
      expect(await map(pcpMapper(asking), 120)).toMatch(/^silent/)
    }
    expect(decodeMapAnswer(new Uint8Array(), { nonce: new Uint8Array(12), port: 1 })).toBeUndefined()
  })

  it('says why a router refuses, and tells one that speaks NAT-PMP alone from one that refuses', async () => {
    expect(await map(pcpMapper((await router({ code: 2 })).asking))).toMatch(/^refused: Your router does not allow programs to open ports/)
    expect(await map(pcpMapper((await router({ code: 12 })).asking))).toMatch(/^refused: There is another router between/)
    expect(await map(pcpMapper((await router({ pcp: false })).asking))).toMatch(/^silent/)
  })

  it('hears a router announce that it began anew, and nobody else', async () => {
    let now = 1_000_000
    const { fake, asking } = await router({ epoch: () => 5_000 })
    const listening = new Promise<number>((resolve) => {
      Object.assign(asking, { announcements: { port: 0, onListening: resolve }, now: () => now })
    })
    const mapper = pcpMapper(asking)
    let lost = 0
    let heard = () => {}
    ends.push(
      mapper.watch?.(() => {
        lost++
        heard()
      }) ?? (() => {}),
    )
    const port = await listening
    await map(mapper)
    const announce = (epoch: number) => fake.send(Uint8Array.of(2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, epoch >> 8, epoch & 0xff, ...new Uint8Array(12)), port)
    now += 100_000
    // In step with its clock: nothing was forgotten. What is no announcement is nothing either.
    announce(5_100)
    fake.send(Uint8Array.of(1), port)
    fake.send(Uint8Array.of(2, 0x81, 0, 0), port)
    const again = new Promise<void>((resolve) => {
      heard = resolve
    })
    announce(3)
    await again
    expect(lost).toBe(1)
  })
})

it('a router that forgot is told by its clock (RFC 6887, section 8.5)', () => {
  let now = 0
  const epochs = new Epochs(() => now)
  expect(epochs.note('r', 100)).toBe(false)
  now = 60_000
  expect(epochs.note('r', 160)).toBe(false)
  now = 120_000
  expect(epochs.note('r', 5)).toBe(true)
  now = 180_000
  expect(epochs.note('r', 500)).toBe(true)
  now = 400_000
  expect(epochs.note('r', 510)).toBe(true)
})

describe('NAT-PMP', () => {
  it('opens a port, says where it is, and gives it back', async () => {
    const { fake, asking } = await router({ pcp: false, lost: 1 })
    const mapper = natPmpMapper(asking)
    expect(await map(mapper)).toEqual(['8.9.10.11:9875'])
    await mapper.unmap(9875, AbortSignal.timeout(3_000))
    expect(fake.asked).toEqual(['nat-pmp map 9875 3600', 'nat-pmp address', 'nat-pmp map 9875 0'])
  })

  it('says why a router refuses, takes no broken answer, and gives up on a router that is silent', async () => {
    expect(await map(natPmpMapper((await router({ code: 2 })).asking))).toMatch(/^refused: Your router does not allow/)
    expect(await map(natPmpMapper((await router({ twist: (answer) => answer.subarray(0, 1) })).asking), 120)).toMatch(/^silent/)
    expect(await map(natPmpMapper((await router({ natPmp: false })).asking), 120)).toMatch(/^silent/)
    expect(await map(natPmpMapper({ ...(await router()).asking, gateways: async () => [] }))).toMatch(/^silent: This computer knows of no router/)
  })
})

describe('UPnP', () => {
  it('opens a port on routers of the first generation, whatever they call it, and closes it again', async () => {
    const { fake, mapper } = await device({ generation: 1 })
    expect(await map(mapper)).toEqual(['8.9.10.11:9875'])
    await mapper.unmap(9875, AbortSignal.timeout(3_000))
    expect(fake.asked).toEqual(['AddPortMapping 9875 TCP 9875 127.0.0.1 3600', 'GetExternalIPAddress', 'DeletePortMapping 9875 TCP'])
  })

  it('opens one on the second generation, and lets others through to our IPv6 address', async () => {
    const { fake, mapper } = await device({ generation: 2, firewall: true }, ['2001:4860::7'])
    expect(await map(mapper)).toEqual(['8.9.10.11:9875', '[2001:4860::7]:9875'])
    await mapper.unmap(9875, AbortSignal.timeout(3_000))
    expect(fake.asked[0]).toBe('AddAnyPortMapping 9875 TCP 9875 127.0.0.1 3600')
    expect(fake.asked).toContain('AddPinhole 2001:4860::7 9875')
    expect(fake.asked).toContain('DeletePinhole 7')
  })

  it('takes another port where that one is somebody else’s, and one for ever where the router knows no other', async () => {
    const taken = await device({ refuse: (action, args) => (action === 'AddPortMapping' && args.get('NewExternalPort') === '9875' ? 718 : undefined) })
    expect(await map(taken.mapper)).toEqual([expect.stringMatching(/^8\.9\.10\.11:[1-9][0-9]{4}$/)])
    const lasting = await device({ refuse: (_, args) => (args.has('NewLeaseDuration') && args.get('NewLeaseDuration') !== '0' ? 725 : undefined) })
    expect(await map(lasting.mapper)).toEqual(['8.9.10.11:9875'])
    expect(lasting.fake.asked).toContain('AddPortMapping 9875 TCP 9875 127.0.0.1 0')
  })

  it('says why a router refuses', async () => {
    expect(await map((await device({ refuse: () => 606 })).mapper)).toMatch(/^refused: Your router does not allow programs/)
    expect(await map((await device({ refuse: () => 501 })).mapper)).toMatch(/^refused: .*UPnP error 501/)
  })

  it('goes to no other place than the router itself, wherever an answer points', async () => {
    const other = await device()
    const far = await device({ location: other.fake.location.href.replace('127.0.0.1', 'localhost') })
    expect(await map(far.mapper, 200)).toMatch(/^silent/)
    const control = await device({ control: `http://localhost:${other.fake.location.port}/ctl` })
    expect(await map(control.mapper, 200)).toMatch(/^silent/)
    expect(other.fake.asked).toEqual([])
  })

  it('finds the same in this router as somebody else’s program does', async () => {
    const { fake } = await device({ generation: 2 })
    const gateway = await upnpNat({ autoRefresh: false }).getGateway(fake.location)
    expect(await gateway.map(9875, '192.168.1.5', { protocol: 'tcp' })).toMatchObject({ externalHost: '8.9.10.11', externalPort: 9875 })
    expect(fake.asked).toEqual(['AddAnyPortMapping 9875 TCP 9875 192.168.1.5 3600', 'GetExternalIPAddress'])
  })
})

describe('the router’s address', () => {
  it('is read from what each system tells', () => {
    expect(linuxV4('Iface\tDestination\tGateway\tFlags\neth0\t00000000\t0102A8C0\t0003\t0\neth0\t0002A8C0\t00000000\t0001\t0\n')).toEqual(['192.168.2.1'])
    const line = (destination: string, gateway: string) => `${destination} 00 ${'0'.repeat(32)} 00 ${gateway} 00000400 00000003 00000000 00000003     eth0`
    expect(linuxV6(`${line('0'.repeat(32), `fe80${'0'.repeat(27)}1`)}\n${line(`fe80${'0'.repeat(28)}`, '0'.repeat(32))}`)).toEqual(['fe80::1%eth0'])
    expect(
      bsdRoutes(
        'Internet:\ndefault            192.168.1.1        UGScg          en0\n127                127.0.0.1          UCS  lo0\ndefault   fe80::1%en0   UGcg  en0\ndefault  link#14  UCSI  utun0',
      ),
    ).toEqual({
      v4: ['192.168.1.1'],
      v6: ['fe80::1%en0'],
    })
    expect(
      windowsRoutes(
        '   0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.23     25\r\n  127.0.0.0   255.0.0.0   On-link  127.0.0.1 331\r\n  4    281 ::/0                     fe80::1\r\n',
      ),
    ).toEqual({
      v4: ['192.168.1.1'],
      v6: ['fe80::1%4'],
    })
  })
})

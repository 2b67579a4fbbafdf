/** Routers on loopback that open no ports: what is asked of them is noted, and answered as the test wants. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseIp } from '../../util/ip.ts'
import { WireReader, WireWriter } from '../../util/wire.ts'

export interface FakePcp {
  readonly port: number
  /** What was asked: `pcp map 9875 3600`, `nat-pmp map 9875 0`, `nat-pmp address`. */
  readonly asked: string[]
  /** Sends a datagram from the router's address. */
  send(bytes: Uint8Array, port: number): void
  close(): Promise<void>
}

export interface FakePcpOptions {
  /** Answers PCP; else with NAT-PMP's "version not supported". */
  readonly pcp?: boolean
  readonly natPmp?: boolean
  readonly external?: string
  readonly code?: number
  readonly epoch?: () => number
  /** Datagrams that are lost before one is answered. */
  readonly lost?: number
  /** Changes an answer before it is sent. */
  readonly twist?: (answer: Uint8Array) => Uint8Array
}

/** Speaks PCP and NAT-PMP (RFC 6887, 6886) on one port, as routers do. */
export async function fakePcp(options: FakePcpOptions = {}): Promise<FakePcp> {
  const { pcp = true, natPmp = true, external = '8.9.10.11', code = 0, epoch = () => 1_000, twist = (answer) => answer } = options
  const socket: Socket = createSocket('udp4')
  const asked: string[] = []
  const ip = parseIp(external) ?? new Uint8Array(4)
  let lost = options.lost ?? 0
  const reply = (bytes: Uint8Array, to: RemoteInfo) => socket.send(twist(bytes), to.port, to.address)
  socket.on('message', (bytes, from) => {
    if (lost-- > 0) return
    const input = new WireReader(bytes)
    const version = input.u8()
    const opcode = input.u8()
    input.u16()
    if (version === 2) {
      if (!pcp) return natPmp ? reply(new WireWriter().u8(0).u8(0x80).u16(1).u32(epoch()).done(), from) : undefined
      const lifetime = input.u32()
      input.bytes(16)
      const nonce = input.bytes(12)
      input.u32()
      const [internal, wish] = [input.u16(), input.u16()]
      asked.push(`pcp map ${internal} ${lifetime}`)
      const head = new WireWriter()
        .u8(2)
        .u8(0x80 | opcode)
        .u8(0)
        .u8(code)
        .u32(lifetime)
        .u32(epoch())
        .bytes(new Uint8Array(12))
      const wide = ip.length === 16 ? ip : Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...ip)
      return reply(head.bytes(nonce).u8(6).bytes(new Uint8Array(3)).u16(internal).u16(wish).bytes(wide).done(), from)
    }
    if (!natPmp) return
    if (opcode === 0) {
      asked.push('nat-pmp address')
      return reply(new WireWriter().u8(0).u8(128).u16(code).u32(epoch()).bytes(ip).done(), from)
    }
    const [internal, wish, lifetime] = [input.u16(), input.u16(), input.u32()]
    asked.push(`nat-pmp map ${internal} ${lifetime}`)
    reply(
      new WireWriter()
        .u8(0)
        .u8(128 + opcode)
        .u16(code)
        .u32(epoch())
        .u16(internal)
        .u16(wish)
        .u32(lifetime)
        .done(),
      from,
    )
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    asked,
    send: (bytes, port) => socket.send(bytes, port, '127.0.0.1'),
    close: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

export interface FakeUpnp {
  /** Where searches are answered. */
  readonly search: { readonly host: string; readonly port: number }
  readonly location: URL
  /** `AddPortMapping 9875 TCP 9875 127.0.0.1 3600`: the action and its arguments that matter. */
  readonly asked: string[]
  close(): Promise<void>
}

export interface FakeUpnpOptions {
  readonly generation?: 1 | 2
  readonly external?: string
  readonly firewall?: boolean
  /** The error with which an action is refused, or undefined. */
  readonly refuse?: (action: string, args: ReadonlyMap<string, string>) => number | undefined
  /** Another place for the description, as a liar would name. */
  readonly location?: string
  /** Another place where the service is controlled. */
  readonly control?: string
}

/** An internet gateway device of UPnP, found by a search that is not multicast. */
export async function fakeUpnp(options: FakeUpnpOptions = {}): Promise<FakeUpnp> {
  const { generation = 1, external = '8.9.10.11', refuse = () => undefined } = options
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'text/xml; charset="utf-8"')
    if (request.method === 'GET') return void response.end(description(generation, options.firewall === true, options.control ?? '/ctl'))
    const body = await textOf(request)
    const action = /<u:(\w+)/.exec(body)?.[1] ?? ''
    const args = new Map([...body.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, value]) => [name ?? '', value ?? '']))
    asked.push(
      [
        action,
        ...['NewExternalPort', 'NewProtocol', 'NewInternalPort', 'NewInternalClient', 'NewLeaseDuration', 'InternalClient', 'InternalPort', 'UniqueID'].flatMap(
          (name) => args.get(name) ?? [],
        ),
      ].join(' '),
    )
    const error = refuse(action, args)
    if (error !== undefined) {
      response.statusCode = 500
      return void response.end(
        envelope(
          `<s:Fault><faultcode>s:Client</faultcode><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${error}</errorCode><errorDescription>No</errorDescription></UPnPError></detail></s:Fault>`,
        ),
      )
    }
    const service = /xmlns:u="([^"]+)"/.exec(body)?.[1] ?? ''
    const inner =
      action === 'GetExternalIPAddress'
        ? `<NewExternalIPAddress>${external}</NewExternalIPAddress>`
        : action === 'AddAnyPortMapping'
          ? `<NewReservedPort>${args.get('NewExternalPort')}</NewReservedPort>`
          : action === 'AddPinhole'
            ? '<UniqueID>7</UniqueID>'
            : ''
    response.end(envelope(`<u:${action}Response xmlns:u="${service}">${inner}</u:${action}Response>`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const location = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/rootDesc.xml`)
  const ssdp = createSocket('udp4')
  ssdp.on('message', (bytes, from) => {
    const target = /^ST: (\S+)\r$/m.exec(bytes.toString())?.[1] ?? ''
    // One of the second generation answers to the first's name, not the other way round.
    if (Number(target.slice(-1)) > generation) return
    ssdp.send(
      `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${target}\r\nUSN: uuid:1::${target}\r\nEXT:\r\nLOCATION: ${options.location ?? location.href}\r\n\r\n`,
      from.port,
      from.address,
    )
  })
  ssdp.bind(0, '127.0.0.1')
  await once(ssdp, 'listening')
  return {
    search: { host: '127.0.0.1', port: ssdp.address().port },
    location,
    asked,
    close: async () => {
      ssdp.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}

function envelope(inner: string): string {
  return `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inner}</s:Body></s:Envelope>`
}

function description(generation: number, firewall: boolean, control: string): string {
  const service = (type: string) =>
    `<service><serviceType>urn:schemas-upnp-org:service:${type}</serviceType><serviceId>urn:upnp-org:serviceId:1</serviceId><SCPDURL>/scpd.xml</SCPDURL><controlURL>${control}</controlURL><eventSubURL>/evt</eventSubURL></service>`
  const device = (type: string, inner: string) =>
    `<device><deviceType>urn:schemas-upnp-org:device:${type}:${generation}</deviceType><UDN>uuid:1</UDN>${inner}</device>`
  const connections = `<serviceList>${service(`WANIPConnection:${generation}`)}${firewall ? service('WANIPv6FirewallControl:1') : ''}</serviceList>`
  const wan = device(
    'WANDevice',
    `<serviceList>${service('WANCommonInterfaceConfig:1')}</serviceList><deviceList>${device('WANConnectionDevice', connections)}</deviceList>`,
  )
  return `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">${device('InternetGatewayDevice', `<deviceList>${wan}</deviceList>`)}</root>`
}

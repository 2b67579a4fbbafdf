import { describe, expect, it } from 'vitest'
import { PORT_MESSAGE } from '../api/host.ts'
import { channels } from '../api/host-channels.ts'
import { hostBridge, type Ipc, passPort } from './bridge.ts'

type Listener = (event: unknown, ...args: unknown[]) => void

function fakeIpc(startFailure: unknown = null) {
  const sent: unknown[][] = []
  const listeners = new Map<string, Set<Listener>>()
  const ipc: Ipc = {
    send: (...args) => void sent.push(args),
    sendSync: (...args) => {
      sent.push(args)
      return startFailure
    },
    invoke: async (...args) => void sent.push(args),
    on: (channel, listener) => listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener)),
    off: (channel, listener) => listeners.get(channel)?.delete(listener),
  }
  return {
    ipc,
    sent,
    tell: (channel: string, ...args: unknown[]) => listeners.get(channel)?.forEach((listener) => void listener({ secret: 'event' }, ...args)),
  }
}

describe('what the page gets of its host', () => {
  it('is these members and no other', () => {
    const bridge = hostBridge(fakeIpc().ipc)
    expect(Object.keys(bridge).sort()).toEqual(['connect', 'kind', 'onNavigate', 'openExternal', 'startFailure'])
  })

  it('knows why there is no member', () => {
    const failure = { code: 'DISK_FULL', message: 'The disk is full.' }
    expect(hostBridge(fakeIpc(failure).ipc).startFailure).toEqual(failure)
    expect(hostBridge(fakeIpc().ipc).startFailure).toBeNull()
  })

  it('sends nothing that the page chose but a link, as text', async () => {
    const { ipc, sent } = fakeIpc()
    const bridge = hostBridge(ipc)
    ;(bridge.connect as (...args: unknown[]) => void)('anything', { else: 1 })
    await (bridge.openExternal as (url: unknown) => Promise<void>)({ toString: () => 'https://a.example/' })
    expect(sent).toEqual([[channels.startFailure], [channels.connect], [channels.openExternal, 'https://a.example/']])
  })

  it('tells of pages that exist alone, hands out no event, and stops when told', () => {
    const { ipc, tell } = fakeIpc()
    const seen: unknown[][] = []
    const stop = hostBridge(ipc).onNavigate((...args) => void seen.push(args))
    tell(channels.navigate, 'tracker')
    tell(channels.navigate, '../../etc')
    tell(channels.navigate, 'mine', 'mining-consent')
    tell(channels.navigate, 'mine', 'your-passphrase')
    stop()
    tell(channels.navigate, 'send')
    expect(seen).toEqual([['tracker'], ['mine', 'mining-consent'], ['mine']])
  })

  it('passes a port to its own page alone', () => {
    const posted: unknown[][] = []
    const port = {}
    passPort([port], { location: { origin: 'cheese-app://app' }, postMessage: (...args) => void posted.push(args) })
    expect(posted).toEqual([[PORT_MESSAGE, 'cheese-app://app', [port]]])
  })
})

import { type HostBridge, type PageName, type PageQuestion, PORT_MESSAGE, pageQuestions, pages } from '../api/host.ts'
import { channels } from '../api/host-channels.ts'

/** What is used of Electron's `ipcRenderer`. */
export interface Ipc {
  send(channel: string): void
  sendSync(channel: string): unknown
  invoke(channel: string, argument: string): Promise<unknown>
  on(channel: string, listener: (event: unknown, ...args: unknown[]) => void): unknown
  off(channel: string, listener: (event: unknown, ...args: unknown[]) => void): unknown
}

/** What is used of the page's `window`. */
export interface PageWindow {
  readonly location: { readonly origin: string }
  postMessage(message: string, origin: string, ports: readonly unknown[]): void
}

/** Everything that the page gets of its host. It hands out no event, no channel name and no way to send another message. */
export function hostBridge(ipc: Ipc): HostBridge {
  return {
    kind: 'electron',
    startFailure: ipc.sendSync(channels.startFailure) as HostBridge['startFailure'],
    connect: () => ipc.send(channels.connect),
    onNavigate(handler) {
      const listener = (_event: unknown, page: unknown, question: unknown) => {
        if (!(pages as readonly unknown[]).includes(page)) return
        if ((pageQuestions as readonly unknown[]).includes(question)) handler(page as PageName, question as PageQuestion)
        else handler(page as PageName)
      }
      ipc.on(channels.navigate, listener)
      return () => void ipc.off(channels.navigate, listener)
    },
    async openExternal(url) {
      await ipc.invoke(channels.openExternal, String(url))
    },
  }
}

/** Hands the port that main sent on to the page: ports cannot cross the context bridge, window messages carry them. */
export function passPort(ports: readonly unknown[], page: PageWindow): void {
  page.postMessage(PORT_MESSAGE, page.location.origin, ports)
}

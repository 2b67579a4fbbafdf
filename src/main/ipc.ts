import { type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, MessageChannelMain } from 'electron'
import { serveMessagePort } from '../api/carriers/message-port.ts'
import type { HostBridge } from '../api/host.ts'
import { channels } from '../api/host-channels.ts'
import type { MemberRouter } from '../api/router.ts'
import { isOwn } from './origin.ts'

export interface IpcHost {
  readonly window: () => BrowserWindow | undefined
  /** The member's contract once the member is open, or undefined when it cannot be. */
  readonly router: Promise<MemberRouter | undefined>
  readonly startFailure: () => HostBridge['startFailure']
  readonly openExternal: (url: string) => Promise<void>
}

/** Answers the preload, and nobody else: a message counts if the main frame of our window sent it from our own page. */
export function serveIpc(host: IpcHost): void {
  const isOurs = ({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent) => {
    const contents = host.window()?.webContents
    // While the window loads it is not known here yet; then its page's address must do.
    return senderFrame !== null && senderFrame === sender.mainFrame && isOwn(senderFrame.url) && (contents === undefined || contents === sender)
  }

  ipcMain.on(channels.startFailure, (event) => {
    event.returnValue = isOurs(event) ? host.startFailure() : null
  })
  ipcMain.on(channels.connect, (event) => {
    if (!isOurs(event)) return
    void host.router.then((router) => {
      // The window may have been closed while the member was being opened.
      if (!router || event.sender.isDestroyed()) return
      const { port1, port2 } = new MessageChannelMain()
      serveMessagePort(router, port1)
      event.sender.postMessage(channels.port, null, [port2])
    })
  })
  ipcMain.handle(channels.openExternal, async (event, url: unknown) => {
    if (isOurs(event) && typeof url === 'string') await host.openExternal(url)
  })
}

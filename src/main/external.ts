import { type BrowserWindow, dialog, shell } from 'electron'
import { externalLink } from './origin.ts'

/** Opens an https link in the system's browser, if the person agrees; anything else is passed over. */
export async function askExternal(window: BrowserWindow | undefined, url: string): Promise<void> {
  const link = externalLink(url)
  if (!link || !window) return
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `Open ${link.host} in your browser?`,
    detail: link.href,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  })
  if (response === 0) await shell.openExternal(link.href)
}

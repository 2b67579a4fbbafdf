import { app, type Session } from 'electron'
import { isOwn, SCHEME } from './origin.ts'

/** Writing text to the clipboard after a click; every other permission is refused. */
const CLIPBOARD = 'clipboard-sanitized-write'

/** What a page of `session` may ask of the machine and of the network: to copy, and our own files. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide, details) => decide(permission === CLIPBOARD && isOwn(details.requestingUrl)))
  session.setPermissionCheckHandler((_contents, permission, origin) => (permission as string) === CLIPBOARD && isOwn(origin))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, decide) => decide({}))
  session.webRequest.onBeforeRequest((details, decide) => {
    const { protocol } = new URL(details.url)
    decide({ cancel: protocol !== `${SCHEME}:` && protocol !== 'devtools:' && protocol !== 'blob:' })
  })
  session.on('will-download', (event) => event.preventDefault())
}

/** No contents of this app, whatever makes them, leave the page, open a window or embed another page. */
export function lockContents(openExternal: (url: string) => void): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-frame-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      openExternal(url)
      return { action: 'deny' }
    })
  })
}

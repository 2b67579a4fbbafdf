import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, BrowserWindow, Menu, nativeTheme, screen } from 'electron'
import { PAGE } from './origin.ts'
import { readWindowState, type WindowState, writeWindowState } from './window-state.ts'

/** The page's ground (src/renderer/styles/tokens.css), so that nothing flashes before it is drawn. */
const GROUND = { light: '#f9f4e8', dark: '#17110c' } as const

/** Opens the window on the page and shows it when it is drawn; resolves then. */
export async function openWindow(entry: string): Promise<BrowserWindow> {
  const path = join(app.getPath('userData'), 'window-state.json')
  const state = readWindowState(
    path,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  )
  const window = new BrowserWindow({
    ...(state?.bounds ?? { width: 1180, height: 780 }),
    minWidth: 720,
    minHeight: 520,
    show: false,
    title: app.name,
    backgroundColor: nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light,
    webPreferences: {
      preload: fileURLToPath(new URL('../preload/index.cjs', entry)),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
      // The stack and the miner are watched in a window that is covered by another, too.
      backgroundThrottling: false,
    },
  })
  window.on('close', () => writeWindowState(path, { bounds: window.getNormalBounds(), maximized: window.isMaximized() } satisfies WindowState))
  window.webContents.on('context-menu', (_event, { isEditable, editFlags, selectionText }) => {
    if (!isEditable && selectionText === '') return
    Menu.buildFromTemplate([
      { role: 'cut', visible: isEditable, enabled: editFlags.canCut },
      { role: 'copy', enabled: editFlags.canCopy },
      { role: 'paste', visible: isEditable, enabled: editFlags.canPaste },
      { role: 'selectAll' },
    ]).popup({ window })
  })
  const drawn = new Promise<void>((resolve) => window.once('ready-to-show', () => resolve()))
  await window.loadURL(PAGE)
  await drawn
  if (state?.maximized) window.maximize()
  window.show()
  return window
}

/** Brings `window` to the front. */
export function focusWindow(window: BrowserWindow | undefined): void {
  if (!window || window.isDestroyed()) return
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

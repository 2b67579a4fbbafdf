import { app, type BrowserWindow, dialog, Menu, powerMonitor, session, shell } from 'electron'
import type { PageName, PageQuestion } from '../api/host.ts'
import { channels } from '../api/host-channels.ts'
import { createRouter } from '../api/router.ts'
import { defaultDataDir } from '../platform/folders.ts'
import { consoleLogger } from '../platform/logger.ts'
import { nodeMachine } from '../platform/machine.ts'
import { layoutFrom } from '../server/layout.ts'
import { PageFiles } from '../server/page-files.ts'
import type { AppReady } from '../server/ready.ts'
import { askExternal } from './external.ts'
import { type Flags, parseFlags } from './flags.ts'
import { windowFolder } from './folders.ts'
import { serveIpc } from './ipc.ts'
import { CLOSE_MS, type Life, openLife } from './life.ts'
import { lockContents, lockSession } from './lockdown.ts'
import { electronMachine, wakesOf } from './machine.ts'
import { type MenuActions, menuTemplate } from './menu.ts'
import { switchMining } from './mining-switch.ts'
import { registerScheme, servePage } from './protocol.ts'
import { linkAmong, registerTrackerScheme, TrackerLinks } from './tracker-links.ts'
import { focusWindow, openWindow } from './window.ts'

const log = consoleLogger('info')
/** Links to trackers, from the system. */
const links = new TrackerLinks()
const layout = layoutFrom(import.meta.url)

/** Runs the app with `flags` in `dataDir`, from here to its end. */
async function start(flags: Flags, dataDir: string): Promise<void> {
  let window: BrowserWindow | undefined
  const openExternal = async (url: string) => askExternal(window, url)
  lockSession(session.defaultSession)
  lockContents((url) => void openExternal(url))
  servePage(session.defaultSession, await PageFiles.open(layout.page))

  const opening = openMemberOf(flags, dataDir)
  endTogether(opening, () => window)
  let startFailure: Life['startFailure'] = null
  serveIpc({
    window: () => window,
    router: opening.then(({ member }) => member && createRouter(member.service, log.child('api'))),
    startFailure: () => startFailure,
    openExternal,
  })
  buildMenu(undefined, dataDir, () => window)
  const show = async () => {
    window = await openWindow(import.meta.url)
    window.once('closed', () => {
      window = undefined
    })
  }
  app.on('second-instance', (_event, args) => {
    focusWindow(window)
    openLinkAmong(args)
  })
  app.on('activate', () => void (window ? focusWindow(window) : show()))
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  // The window first: a long stack takes a while to read, and the page says so meanwhile.
  await show()
  const life = await opening
  startFailure = life.startFailure
  // The page asks for the reason once, when it is loaded.
  if (startFailure) window?.webContents.reload()
  const { setMining, go } = buildMenu(life, dataDir, () => window)
  answerLinks(life, () => window, go)
  // As with the menu: whoever has not agreed yet is asked.
  if (flags.mine && !flags.agree) setMining(true)
  const { member, server } = life
  const ready: AppReady = {
    ready: true,
    pid: process.pid,
    network: flags.network,
    listen: member?.listen ?? null,
    api: server?.endpoint ?? null,
    ui: null,
    memberId: member?.memberId ?? null,
    address: member?.address ?? null,
  }
  announce(flags, ready)
}

function openMemberOf(
  { network, listen, trackers, peers, nickname, portMapping, lan, proxy, pace, cacheMb, mine, agree, api }: Flags,
  dataDir: string,
): Promise<Life> {
  return openLife(
    {
      network,
      dataDir,
      trackers,
      peers,
      log,
      machine: electronMachine(powerMonitor, nodeMachine()),
      wakes: (woke) => wakesOf(powerMonitor, woke),
      ...(listen === undefined ? {} : { listen }),
      ...(nickname === undefined ? {} : { nickname }),
      ...(portMapping === undefined ? {} : { portMapping }),
      ...(lan === undefined ? {} : { lan }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(pace === undefined ? {} : { paceSeconds: pace }),
      ...(cacheMb === undefined ? {} : { cacheMb }),
      ...(mine && agree ? { mine, agree } : {}),
    },
    layout,
    api,
    log,
  )
}

/** Tells whoever started this process, if they asked. */
function announce(flags: Flags, what: object): void {
  if (flags.announce) process.stdout.write(`${JSON.stringify(what)}\n`)
}

/** The app ends when its member has, and its member before the app does. */
function endTogether(opening: Promise<Life>, window: () => BrowserWindow | undefined): void {
  let state: 'open' | 'closing' | 'closed' = 'open'
  app.on('before-quit', (event) => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'closing') return
    state = 'closing'
    window()?.hide()
    const closed = opening.then((life) => life.close())
    // One that is still being opened is not waited for without end: whatever stops it, its store stays whole.
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS))
    void Promise.race([closed, deadline]).then(() => {
      state = 'closed'
      app.quit()
    })
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => app.quit())
  void opening.then(({ member }) => member?.ended.then(() => app.quit()))
}

function buildMenu(life: Life | undefined, dataDir: string, window: () => BrowserWindow | undefined): Pick<MenuActions, 'setMining' | 'go'> {
  const service = life?.member?.service
  const go = (page: PageName, question?: PageQuestion) => {
    focusWindow(window())
    window()?.webContents.send(channels.navigate, page, question)
  }
  const setMining = (on: boolean) => {
    if (!service) return
    const tell = (message: string, detail: string) => {
      const shown = window()
      if (shown) void dialog.showMessageBox(shown, { type: 'warning', message, detail })
    }
    void switchMining(on, { set: service.mining.set, ask: () => go('mine', 'mining-consent'), tell, show: showMining })
  }
  const about = () => {
    app.setAboutPanelOptions({ applicationName: app.name, applicationVersion: layout.version, copyright: 'MIT licence' })
    app.showAboutPanel()
  }
  const template = menuTemplate(
    { go, setMining, about, openDataFolder: () => void shell.openPath(dataDir), quit: () => app.quit() },
    { appName: app.name, mac: process.platform === 'darwin', packaged: app.isPackaged },
    { mining: false, member: service !== undefined },
  )
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  if (service) void watchMining(service.events(undefined))
  return { setMining, go }
}

function openLinkAmong(args: readonly string[]): void {
  const link = linkAmong(args)
  if (link !== undefined) links.open(link)
}

/** From here on links to trackers are asked about in the window. */
function answerLinks({ member }: Life, window: () => BrowserWindow | undefined, go: MenuActions['go']): void {
  if (!member) return
  const box = async (options: Electron.MessageBoxOptions) => {
    const shown = window()
    return shown ? (await dialog.showMessageBox(shown, options)).response : undefined
  }
  void links.ready({
    ask: async (place) =>
      (await box({
        type: 'question',
        message: `Join the tracker at ${place}?`,
        detail:
          'A link asks for this. A tracker lists the members that are online: it, and whoever asks it, will see your nickname, your internet address and the payment address that you list. Join it if you know who gave you the link.',
        buttons: ['Join', 'Cancel'],
        defaultId: 1,
        cancelId: 1,
        noLink: true,
      })) === 0,
    join: (url) => member.service.tracker.join({ url }),
    show: () => go('tracker', 'join-tracker'),
    tell: async (message, detail) => void (await box({ type: 'warning', message, detail })),
  })
}

function showMining(on: boolean): void {
  const item = Menu.getApplicationMenu()?.getMenuItemById('mining')
  if (item) item.checked = on
}

async function watchMining(events: ReturnType<NonNullable<Life['member']>['service']['events']>): Promise<void> {
  for await (const event of events) if (event.type === 'status') showMining(event.status.mining.on)
}

const flags = parseFlags(process.argv.slice(1))
if (!flags.ok) {
  process.stderr.write(`cheese-stack: ${flags.error}\n`)
  app.exit(2)
} else {
  const dataDir = flags.value.dataDir ?? defaultDataDir(flags.value.network)
  app.setPath('userData', windowFolder(dataDir))
  registerScheme()
  // On macOS a link is an event, which may come before the app is ready.
  app.on('open-url', (event, url) => {
    event.preventDefault()
    openLinkAmong([url])
  })
  openLinkAmong(process.argv)
  // A copy with a data folder of its own is there to try things out: it does not take over the system's links.
  if (flags.value.dataDir === undefined) registerTrackerScheme(app, process)
  // The two contradict each other, and tests that run as root need the switch. Our one window asks for the sandbox by itself.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  if (app.requestSingleInstanceLock()) {
    const fatal = (error: unknown) => {
      log.error('a bug ends the app', { error })
      app.exit(1)
    }
    process.on('uncaughtException', fatal)
    process.on('unhandledRejection', fatal)
    // Not awaited: a module that is still being evaluated would keep the app from becoming ready.
    void app.whenReady().then(() => start(flags.value, dataDir))
  } else {
    announce(flags.value, { ready: true, pid: process.pid, second: true })
    app.quit()
  }
}

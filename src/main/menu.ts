import type { MenuItemConstructorOptions } from 'electron'
import type { PageName, PageQuestion } from '../api/host.ts'

export interface MenuActions {
  readonly go: (page: PageName, question?: PageQuestion) => void
  readonly setMining: (on: boolean) => void
  readonly openDataFolder: () => void
  readonly about: () => void
  readonly quit: () => void
}

export interface MenuHost {
  readonly appName: string
  readonly mac: boolean
  /** Whether this is a copy for people, without the developers' tools. */
  readonly packaged: boolean
}

export interface MenuState {
  readonly mining: boolean
  /** Whether there is a member to tell something to. */
  readonly member: boolean
}

const PLACES: readonly (readonly [PageName, string])[] = [
  ['overview', 'Overview'],
  ['send', 'Send'],
  ['receive', 'Receive'],
  ['history', 'History'],
  ['contacts', 'Contacts'],
  ['mine', 'Mine'],
  ['stack', 'Cheese Stack'],
  ['members', 'Members'],
  ['tracker', 'Tracker'],
]

const line: MenuItemConstructorOptions = { type: 'separator' }

/** The native menus. */
export function menuTemplate(actions: MenuActions, host: MenuHost, state: MenuState): MenuItemConstructorOptions[] {
  const about: MenuItemConstructorOptions = { id: 'about', label: `About ${host.appName}`, click: actions.about }
  const settings: MenuItemConstructorOptions = { id: 'settings', label: 'Settings…', accelerator: 'CmdOrCtrl+,', click: () => actions.go('settings') }
  const quit: MenuItemConstructorOptions = { id: 'quit', label: `Quit ${host.appName}`, accelerator: 'CmdOrCtrl+Q', click: actions.quit }
  const application: MenuItemConstructorOptions = {
    label: host.appName,
    submenu: [about, line, settings, line, { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }, line, quit],
  }
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      { id: 'send', label: 'Send Cheese…', accelerator: 'CmdOrCtrl+N', click: () => actions.go('send') },
      { id: 'receive', label: 'Receive Cheese', accelerator: 'CmdOrCtrl+Shift+N', click: () => actions.go('receive') },
      line,
      { id: 'data-folder', label: 'Show the Data Folder', click: actions.openDataFolder },
      line,
      { role: 'close' },
      ...(host.mac ? [] : [settings, line, quit]),
    ],
  }
  const edit: MenuItemConstructorOptions = {
    label: '&Edit',
    submenu: [{ role: 'undo' }, { role: 'redo' }, line, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }],
  }
  const tools: MenuItemConstructorOptions[] = host.packaged ? [] : [{ role: 'reload' }, { role: 'toggleDevTools' }, line]
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [...tools, { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, line, { role: 'togglefullscreen' }],
  }
  const go: MenuItemConstructorOptions = {
    label: '&Go',
    submenu: PLACES.map(([page, label], i) => ({ id: `go-${page}`, label, accelerator: `CmdOrCtrl+${i + 1}`, click: () => actions.go(page) })),
  }
  const member: MenuItemConstructorOptions = {
    label: '&Member',
    submenu: [
      { id: 'host-tracker', label: 'Host a Tracker…', enabled: state.member, click: () => actions.go('tracker', 'host-tracker') },
      { id: 'join-tracker', label: 'Join a Tracker…', enabled: state.member, click: () => actions.go('tracker', 'join-tracker') },
      line,
      {
        id: 'mining',
        label: 'Mine',
        type: 'checkbox',
        accelerator: 'CmdOrCtrl+M',
        checked: state.mining,
        enabled: state.member,
        click: (item) => actions.setMining(item.checked),
      },
    ],
  }
  const help: MenuItemConstructorOptions = { role: 'help', label: '&Help', submenu: host.mac ? [] : [about] }
  return [...(host.mac ? [application] : []), file, edit, view, go, member, help]
}

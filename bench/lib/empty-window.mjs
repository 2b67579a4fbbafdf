// The least that Electron can be: one window with a page of one word. (It is ready only once this module has run through.)
import { app, BrowserWindow } from 'electron'

app.whenReady().then(() => new BrowserWindow({ width: 1180, height: 780 }).loadURL('data:text/html,<button>ready</button>'))

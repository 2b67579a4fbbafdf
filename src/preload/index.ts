import { contextBridge, ipcRenderer } from 'electron'
import { channels } from '../api/host-channels.ts'
import { hostBridge, type PageWindow, passPort } from './bridge.ts'

declare const window: PageWindow

contextBridge.exposeInMainWorld('cheeseHost', hostBridge(ipcRenderer))
ipcRenderer.on(channels.port, (event) => passPort(event.ports, window))

/// <reference types="vite/client" />
import type { HostBridge } from '../api/host.ts'

declare global {
  interface Window {
    /** What Electron's preload gives the page; there is none in a browser. */
    readonly cheeseHost?: HostBridge
  }
}

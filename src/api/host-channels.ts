/** What Electron's preload and main process say to each other: names of IPC messages, nothing else. */
export const channels = {
  /** Page → main, answered at once: why the member could not be opened, or null. */
  startFailure: 'host:start-failure',
  /** Page → main: asks for a port. */
  connect: 'host:connect',
  /** Main → page: the port. */
  port: 'host:port',
  /** Main → page: a menu item wants this page shown, and maybe a question asked there. */
  navigate: 'host:navigate',
  /** Page → main: open this link in the system's browser, if the person agrees. */
  openExternal: 'host:open-external',
} as const

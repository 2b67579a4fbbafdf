import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the folder depends on; the process's own by default. */
export interface FolderHost {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/**
 * The user's own folder for the app's data on `network`: `$XDG_DATA_HOME/cheese-stack/<network>` (Linux and the rest),
 * `~/Library/Application Support/Cheese Stack/<network>` (macOS), `%APPDATA%\Cheese Stack\<network>` (Windows).
 */
export function defaultDataDir(network: string, host: FolderHost = { platform: process.platform, env: process.env, home: homedir() }): string {
  if (host.platform === 'darwin') return join(host.home, 'Library', 'Application Support', 'Cheese Stack', network)
  if (host.platform === 'win32') return join(host.env.APPDATA || join(host.home, 'AppData', 'Roaming'), 'Cheese Stack', network)
  return join(host.env.XDG_DATA_HOME || join(host.home, '.local', 'share'), 'cheese-stack', network)
}

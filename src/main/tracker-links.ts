import { looksLikeTrackerLink, parseTrackerLink, TRACKER_SCHEME } from '../util/tracker-link.ts'

/** What is used of Electron's `app` to be asked for links. */
export interface SchemeApp {
  readonly isPackaged: boolean
  setAsDefaultProtocolClient(scheme: string, path?: string, args?: string[]): boolean
}

/**
 * Asks the system to bring links to trackers to this app. A copy that runs from its source is started with the source's folder;
 * what comes after `--` is no flag, whatever a link holds.
 */
export function registerTrackerScheme(app: SchemeApp, process: { readonly execPath: string; readonly argv: readonly string[] }): void {
  const source = app.isPackaged ? [] : process.argv.slice(1, 2)
  app.setAsDefaultProtocolClient(TRACKER_SCHEME, process.execPath, [...source, '--'])
}

/** The first of a process's arguments that means to be a link to a tracker. */
export function linkAmong(args: readonly string[]): string | undefined {
  return args.find(looksLikeTrackerLink)
}

/** What a link needs to be answered, once there is a member and a window. */
export interface LinkHost {
  /** Asks the person whether to join the tracker at `HOST:PORT`. */
  readonly ask: (place: string) => Promise<boolean>
  readonly join: (url: string) => Promise<unknown>
  /** Shows the trackers joined. */
  readonly show: () => void
  readonly tell: (message: string, detail: string) => Promise<void>
}

/**
 * Links to trackers that the system brings: the person is asked about each, and nothing is joined without a yes. A page could open
 * thousands of them: while one is being asked about, or waits for the window, all others are dropped.
 */
export class TrackerLinks {
  #host: LinkHost | undefined
  #waiting: string | undefined
  #busy = false

  /** A link came. Whatever it is, it may be anybody's. */
  open(link: string): void {
    if (this.#host) void this.#answer(link, this.#host)
    else this.#waiting ??= link
  }

  /** From now on links can be answered; the one that waits is. */
  async ready(host: LinkHost): Promise<void> {
    this.#host = host
    const link = this.#waiting
    this.#waiting = undefined
    if (link !== undefined) await this.#answer(link, host)
  }

  async #answer(link: string, host: LinkHost): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      const place = parseTrackerLink(link)
      if (!place.ok) await host.tell('This link to a tracker cannot be opened.', place.error)
      else if (await host.ask(place.value)) {
        await host.join(`http://${place.value}`)
        host.show()
      }
    } catch (error) {
      await host.tell('The tracker was not joined.', error instanceof Error ? error.message : String(error))
    } finally {
      this.#busy = false
    }
  }
}

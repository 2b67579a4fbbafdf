/** What the shell around the page offers besides the member itself. In a browser there is none. */

export const pages = ['overview', 'send', 'receive', 'history', 'contacts', 'mine', 'stack', 'members', 'tracker', 'settings'] as const
export type PageName = (typeof pages)[number]

/**
 * What a menu item may want of the person on the page that it leads to. `mining-consent`: to be asked whether this machine may mine;
 * `host-tracker`, `join-tracker`: which part of the tracker page they came for.
 */
export const pageQuestions = ['mining-consent', 'host-tracker', 'join-tracker'] as const
export type PageQuestion = (typeof pageQuestions)[number]

export interface HostBridge {
  readonly kind: 'electron'
  /** Why the member could not be opened (then there is nothing to connect to), or null. */
  readonly startFailure: { readonly code: string; readonly message: string } | null
  /** Asks for a connection; the page then gets a window message whose data is `PORT_MESSAGE` and whose first port speaks the contract. */
  connect(): void
  /** Calls `handler` when a menu item wants a page shown, and maybe a question asked there; returns a function that ends that. */
  onNavigate(handler: (page: PageName, question?: PageQuestion) => void): () => void
  /** Opens an https link in the system's browser, after asking the person. */
  openExternal(url: string): Promise<void>
}

export const PORT_MESSAGE = 'cheese-stack:port'

/** In a browser: the subprotocol of the WebSocket to the member, and what goes before the page's key in the one that carries it. */
export const SOCKET_PROTOCOL = 'cheese-stack'
export const KEY_PROTOCOL = 'key.'

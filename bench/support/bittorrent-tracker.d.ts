/** What the bench uses of bittorrent-tracker, which brings no types. */
declare module 'bittorrent-tracker' {
  export interface ServerOptions {
    readonly udp?: boolean
    readonly ws?: boolean
    readonly stats?: boolean
    readonly trustProxy?: boolean
    readonly peersCacheLength?: number
  }

  export interface Swarm {
    _onAnnounceStarted(params: { type: string; left: number; peer_id: string; ip: string; port: number }, peer: undefined, id: string): void
  }

  export class Server {
    constructor(options: ServerOptions)
    /** Swarms by the hash of what they share. */
    readonly torrents: Readonly<Record<string, Swarm>>
    readonly http: import('node:http').Server
    listen(port: number, host: string, listening: () => void): void
    once(event: 'error', handler: (error: Error) => void): void
  }
}

/** What the bench uses of bittorrent-tracker, which brings no types. */
declare module 'bittorrent-tracker' {
  export interface ServerOptions {
    readonly udp?: boolean
    readonly ws?: boolean
    readonly stats?: boolean
    readonly trustProxy?: boolean
    readonly peersCacheLength?: number
  }

  export class Server {
    constructor(options: ServerOptions)
    readonly http: import('node:http').Server
    listen(port: number, host: string, listening: () => void): void
    once(event: 'error', handler: (error: Error) => void): void
  }
}

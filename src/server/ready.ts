/** What long-running processes say on stdout, as one line of JSON, when they are ready. */

/** `cheese member --json`. */
export interface MemberReady {
  readonly ready: true
  readonly pid: number
  readonly network: string
  /** `HOST:PORT` where other members reach it. */
  readonly listen: string
  /** URL of its control API. */
  readonly api: string
  /** The link to its page, when it serves one. */
  readonly ui: string | null
  readonly memberId: string
  /** The wallet's, when there is one. */
  readonly address: string | null
}

/** The app with `--announce`: its window opens also when its member cannot. */
export type AppReady = Pick<MemberReady, 'ready' | 'pid' | 'network'> & { readonly [Field in 'listen' | 'api' | 'ui' | 'memberId' | 'address']: string | null }

/** `cheese tracker --json`. */
export interface TrackerReady {
  readonly ready: true
  readonly pid: number
  /** `HOST:PORT` where members join it. */
  readonly listen: string
}

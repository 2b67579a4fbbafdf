import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
}

export interface PageFile {
  readonly bytes: Uint8Array
  readonly type: string
  /** Whether its name changes with its content, so that it can be kept for ever. */
  readonly hashed: boolean
}

/**
 * The built page. What may be served is listed once, when it opens: a path that is not in the list does not exist, so no
 * path can lead out of the folder.
 */
export class PageFiles {
  readonly #paths: ReadonlyMap<string, string>

  private constructor(paths: ReadonlyMap<string, string>) {
    this.#paths = paths
  }

  /** Lists the page built into the folder `root`. Rejects when there is none. */
  static async open(root: string): Promise<PageFiles> {
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    const paths = new Map<string, string>()
    for (const entry of entries) {
      const file = join(entry.parentPath, entry.name)
      if (entry.isFile() && extname(entry.name) in TYPES) paths.set(`/${relative(root, file).split(sep).join('/')}`, file)
    }
    const index = paths.get('/index.html')
    if (index === undefined) throw new Error(`${root} holds no index.html: the page is not built`)
    paths.set('/', index)
    return new PageFiles(paths)
  }

  /** The file at `path` (of a URL, decoded), or undefined. */
  async read(path: string): Promise<PageFile | undefined> {
    const file = this.#paths.get(path)
    if (file === undefined) return undefined
    return { bytes: await readFile(file), type: TYPES[extname(file)] ?? 'application/octet-stream', hashed: path.startsWith('/assets/') }
  }
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Layout {
  readonly version: string
  /** The folder of the built page. */
  readonly page: string
  readonly workers: { readonly verify: URL; readonly mine: URL; readonly vault: URL; readonly identity: URL }
  /** The optional native addon, an absolute path; undefined where it was not built, or CHEESE_NATIVE=off leaves it out. */
  readonly nativeAddon: string | undefined
}

/**
 * Where the parts of this copy lie, seen from `entry`, the `import.meta.url` of the host's entry module: `out/main/*.js` when
 * built, `src/<host>/index.ts` when Node runs the sources.
 */
export function layoutFrom(entry: string): Layout {
  const source = entry.endsWith('.ts')
  const worker = (name: string) => new URL(source ? `../platform/workers/${name}.ts` : `./workers/${name}.js`, entry)
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', entry), 'utf8')) as { version: string }
  return {
    version: manifest.version,
    page: fileURLToPath(new URL(source ? '../../out/renderer' : '../renderer', entry)),
    workers: { verify: worker('verify'), mine: worker('mine'), vault: worker('vault'), identity: worker('identity') },
    nativeAddon: process.env.CHEESE_NATIVE === 'off' ? undefined : addonFrom(fileURLToPath(new URL(source ? '../../out/native' : '../native', entry))),
  }
}

/** The system loads addons, and it cannot look into an archive: a packaged app has this folder beside it. */
function addonFrom(folder: string): string | undefined {
  const path = join(folder.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked'), 'cheese.node')
  return existsSync(path) ? path : undefined
}

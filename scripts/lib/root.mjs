import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Says something to the person at the terminal; stdout stays for answers. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Ends the process unless it runs on the Node that package.json pins: npm scripts do, since its `node` comes first in their PATH. */
export function assertPinnedNode() {
  const pinned = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).devDependencies.node
  if (process.versions.node === pinned) return
  say(`This script runs on Node ${pinned}, not ${process.versions.node}: start it through npm (npm start, npm test, npm run -s cheese -- …), after npm ci.`)
  process.exit(1)
}

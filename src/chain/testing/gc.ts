import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Has everything collected that nobody holds any more, so that a test sees what is read anew. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // What was looked at through a weak reference stays until the turn ends.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  await new Promise((resolve) => setImmediate(resolve))
}

import { z } from 'zod'
import type { Files } from '../util/files.ts'
import type { Logger } from '../util/ports.ts'
import { err, type Result } from '../util/result.ts'
import { createIdentity, type Identity, readIdentity } from './identity.ts'

const Stored = z.object({ schema: z.literal(1), key: z.string().max(2000), certificate: z.string().max(4000) })

/**
 * The identity kept at `path` (net/identity.json, readable by its owner alone), made there when there is none.
 * `make` makes it, in a thread where the host has one for that.
 * A file that cannot be understood is kept beside as `.damaged` and a new identity takes its place: it costs the member its id, no money.
 */
export async function openIdentity(files: Files, path: string, log: Logger, make: () => Promise<Identity> = createIdentity): Promise<Identity> {
  const bytes = await files.read(path)
  if (bytes) {
    const read = decode(bytes)
    if (read.ok) return read.value
    await files.write(`${path}.damaged`, bytes, { secret: true })
    log.warn('the network identity could not be read; it was set aside and a new one made', { path, why: read.error })
  }
  const identity = await make()
  const stored: z.infer<typeof Stored> = { schema: 1, key: identity.keyPem, certificate: identity.certificatePem }
  await files.write(path, new TextEncoder().encode(`${JSON.stringify(stored, null, 2)}\n`), { secret: true })
  return identity
}

function decode(bytes: Uint8Array): Result<Identity, string> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return err('it is not JSON')
  }
  const stored = Stored.safeParse(json)
  return stored.success ? readIdentity(stored.data.key, stored.data.certificate) : err('it has other fields than it should')
}

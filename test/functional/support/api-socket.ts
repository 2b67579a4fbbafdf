/**
 * Loaded into a member's process before anything else: its control API listens on the loopback of a namespace of its own,
 * and a socket in the file system leads there from everywhere on this machine.
 */
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { isMainThread } from 'node:worker_threads'

const { CHEESE_API_SOCKET: path, CHEESE_API_FILE: file } = process.env
// Worker threads load it, too.
if (isMainThread && path !== undefined && file !== undefined) {
  const server = createServer((near) => {
    const { endpoint } = JSON.parse(readFileSync(file, 'utf8')) as { endpoint: string }
    const far = connect(Number(endpoint.slice(endpoint.lastIndexOf(':') + 1)), '127.0.0.1')
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
  })
  server.listen(path)
  // It must not keep the member from ending.
  server.unref()
}

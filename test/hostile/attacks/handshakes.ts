import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { params } from '../../../src/consensus/params.ts'
import type { Attack } from '../support/attack.ts'
import { crowd, until } from '../support/until.ts'
import { helloOf, rawSocket, tlsSocket, Villain } from '../support/villain.ts'

/** What is not TLS, and what is TLS but nobody's hello. */
const WORDS = ['GET / HTTP/1.1\r\nHost: example\r\n\r\n', '\u0016\u0003\u0001\u00ff\u00ff', 'SSH-2.0-x\r\n', '\0'.repeat(4096), '{"jsonrpc":"2.0"}\n']

export const garbage: Attack = {
  name: 'handshake garbage',
  does: 'speaks other protocols, random bytes, TLS without a certificate, TLS with a hello that is none',
  sender: 'scored',
  async run({ at }) {
    const sockets = await crowd(60, 12, async (i) => {
      const socket = await rawSocket(at)
      socket.write(i % 2 === 0 ? (WORDS[(i / 2) % WORDS.length] ?? '') : randomBytes(8192))
      return socket
    })
    const nameless = await crowd(20, 4, async () => {
      const socket = await tlsSocket(at)
      socket.write(randomBytes(1000))
      return socket
    })
    const villain = await Villain.meet(at)
    villain.send(helloOf())
    await villain.heard()
    for (const said of [randomBytes(5000), new TextEncoder().encode(WORDS[0])]) {
      const other = await Villain.dial(at)
      other?.bytes(said)
      await until('it is hung up on', () => !other || other.gone, 15)
    }
    const foreign = await Villain.meet(at, { ...helloOf(), blueSmell: params('main').blueSmell, network: 'main' })
    if (foreign.goodbye !== 'other-network') throw new Error(`another network was told ${foreign.goodbye}`)
    await until('all are hung up on', () => [...sockets, ...nameless].every((socket) => socket.destroyed), 20)
    return [villain]
  },
}

export const otherKeys: Attack = {
  name: 'certificates of other keys',
  does: 'shows a certificate whose key is none of a member, or the certificate of somebody else',
  sender: 'unhurt',
  async run({ at }) {
    const friend = await Villain.meet(at)
    // Another's certificate without its key: TLS itself has to notice.
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    let refused = false
    await tlsSocket(at, { keyPem: privateKey, certificatePem: friend.identity.certificatePem }).catch(() => {
      refused = true
    })
    if (!refused) throw new Error('this side of TLS takes a certificate that is not that of its key')
    friend.leave()
    return [friend]
  },
}

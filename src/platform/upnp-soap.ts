import { request } from 'node:http'

/** UPnP's own remote calls (SOAP 1.1 over HTTP), as much as it takes to talk to a router. */

const MAX_BYTES = 131_072
const TIMEOUT_MS = 4_000

/** A router said no, with its own code (UPnP Device Architecture, section 3.2.2; 0 when it has none). */
export class UpnpError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** A service of a router, and where it is controlled. */
export interface Service {
  readonly type: string
  readonly control: URL
}

/** The services in the description at `location`. Rejects when it cannot be had. What would be controlled elsewhere is left out. */
export async function servicesAt(location: URL, signal: AbortSignal): Promise<Service[]> {
  const { text } = await http(location, 'GET', {}, '', signal)
  return text.split('</service>').flatMap((part): Service[] => {
    const [type, path] = [textIn(part.slice(part.lastIndexOf('<service>')), 'serviceType'), textIn(part.slice(part.lastIndexOf('<service>')), 'controlURL')]
    if (type === undefined || path === undefined || !URL.canParse(path, location.href)) return []
    const control = new URL(path, location)
    return control.protocol === 'http:' && control.hostname === location.hostname ? [{ type, control }] : []
  })
}

/** Calls an action; answers the value of each argument that is asked for (undefined where it is missing). Rejects with a `UpnpError`, or as `http` does. */
export async function call(
  { type, control }: Service,
  action: string,
  args: readonly (readonly [name: string, value: string | number])[],
  signal: AbortSignal,
): Promise<(name: string) => string | undefined> {
  const inner = args.map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`).join('')
  const body = `<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${type}">${inner}</u:${action}></s:Body></s:Envelope>\r\n`
  const { status, text } = await http(control, 'POST', { 'content-type': 'text/xml; charset="utf-8"', soapaction: `"${type}#${action}"` }, body, signal)
  if (status === 200) return (name) => textIn(text, name)
  throw new UpnpError(Number(textIn(text, 'errorCode')) || 0, `${action} was refused: ${textIn(text, 'errorDescription')?.slice(0, 80) ?? `status ${status}`}`)
}

/** What stands between the first pair of tags of this name, whatever their namespace. */
function textIn(xml: string, name: string): string | undefined {
  const inner = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^<>]*)?>([^<]*)<`).exec(xml)?.[1]?.trim()
  return inner?.replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;' })[character] ?? '&gt;')
}

/** One request with an end to everything: time, size; no redirects, no kept connection, no proxies. */
function http(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body)
    const asked = request(
      url,
      {
        method,
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        headers: { ...headers, ...(method === 'POST' ? { 'content-length': bytes.length } : {}), connection: 'close' },
        maxHeaderSize: 16_384,
      },
      (answer) => {
        const parts: Buffer[] = []
        let length = 0
        answer.on('data', (part: Buffer) => {
          length += part.length
          parts.push(part)
          if (length > MAX_BYTES) asked.destroy(new Error('the router sends too much'))
        })
        answer.once('error', reject)
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }))
      },
    )
    asked.once('error', reject)
    asked.end(bytes)
  })
}

/** The page's own protocol: a standard, secure origin that no file and no server shares. */
export const SCHEME = 'cheese-app'
export const PAGE = `${SCHEME}://app/index.html`

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}

/** Whether `url` is of our own page. */
export function isOwn(url: string): boolean {
  const parsed = parse(url)
  return parsed?.protocol === `${SCHEME}:` && parsed.host === 'app' && parsed.username === '' && parsed.password === ''
}

/** The https link that `url` is, or undefined for anything else: only such links may leave the app. */
export function externalLink(url: string): URL | undefined {
  const parsed = parse(url)
  return parsed?.protocol === 'https:' && parsed.hostname !== '' && parsed.username === '' && parsed.password === '' ? parsed : undefined
}

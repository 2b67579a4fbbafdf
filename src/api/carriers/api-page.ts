/** The API page: plain HTML from the OpenAPI document, with no script and nothing fetched from elsewhere. */

interface Operation {
  readonly summary?: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema?: unknown }[]
  readonly requestBody?: unknown
  readonly responses?: unknown
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** `text` with what HTML would read as markup written out. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character)
}

function block(title: string, value: unknown): string {
  return value === undefined ? '' : `<details><summary>${title}</summary><pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre></details>`
}

function section(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required }) => `<code>${escapeHtml(name)}</code> (${escapeHtml(place)}${required ? '' : ', optional'})`,
  )
  return `<article><h2><b>${method.toUpperCase()}</b> <code>/api${escapeHtml(path)}</code></h2><p>${escapeHtml(operation.summary ?? '')}</p>${
    parameters.length ? `<p>Takes ${parameters.join(', ')}.</p>` : ''
  }${block('Sends', operation.requestBody)}${block('Answers', operation.responses)}</article>`
}

/** A page about every path of `document` (an OpenAPI 3 document). */
export function apiPage(document: object): string {
  const { info, paths } = document as { info: { title: string; version: string }; paths?: Record<string, Record<string, Operation>> }
  const articles = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method, path, operation)),
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${escapeHtml(info.title)}: API</title></head>
<body>
<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}: API</h1>
<p>Every call carries <code>Authorization: Bearer TOKEN</code>; the token is in <code>api.json</code> in the member's data folder. The same as a document: <a href="/api/openapi.json">openapi.json</a>.
Amounts are strings of whole crumbs (1 cheese = 100,000,000 crumbs), times are Unix seconds. A failure is JSON with <code>code</code>, <code>message</code> and sometimes <code>data</code>.</p>
${articles.join('\n')}
</body>
</html>
`
}

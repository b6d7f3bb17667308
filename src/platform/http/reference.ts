import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

/** Paths to what is served there; `type` is the whole Content-Type. */
export type Reference = Map<string, { type: string; body: Buffer }>

/**
 * The Content-Security-Policy of every answer that `loadReference` describes. Only this origin is loaded from and talked to.
 */
export const referencePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // A picture that was asked for by "try it" is shown from a blob.
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const assets = {
  'swagger-ui.css': import.meta.resolve('swagger-ui-dist/swagger-ui.css'),
  'swagger-ui.js': import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  'look.css': import.meta.resolve('./reference/look.css'),
  'start.js': import.meta.resolve('./reference/start.js'),
}

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/**
 * The API reference for people: `/docs` and `/docs/`, a page that reads `/openapi.json` and can send requests, and its assets
 * under `/docs/`. An asset's name carries a hash of what is in it, so it may be cached for ever; the page itself may not.
 */
export async function loadReference(): Promise<Reference> {
  const reference: Reference = new Map()
  let page = await readFile(new URL('./reference/index.html', import.meta.url), 'utf8')

  for (const [name, address] of Object.entries(assets)) {
    const body = withoutSourceMap(await readFile(new URL(address), 'utf8'))
    const path = `/docs/${hashedName(name, body)}`
    reference.set(path, { type: types[extname(name)] ?? 'application/octet-stream', body })
    page = page.replaceAll(`{{${name}}}`, path)
  }

  const licences = await readFile(new URL(import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt')))
  reference.set('/docs/swagger-ui-bundle.js.LICENSE.txt', { type: 'text/plain; charset=utf-8', body: licences })

  const html = { type: 'text/html; charset=utf-8', body: Buffer.from(page) }
  return reference.set('/docs', html).set('/docs/', html)
}

// The maps are larger than the code and are not served; a browser's developer tools would ask for them.
function withoutSourceMap(source: string): Buffer {
  return Buffer.from(source.replace(/\n?\/[/*]# sourceMappingURL=[^\s*]+\s*(\*\/)?\s*$/, '\n'))
}

/** A name that says what is in the file: it may be cached for ever. */
export function hashedName(name: string, body: Buffer): string {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  return name.replace(/(\.\w+)$/, `.${hash}$1`)
}

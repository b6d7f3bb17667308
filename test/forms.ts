import { randomUUID } from 'node:crypto'

/** One part of a form: a file, unless it has no name. */
export interface FormPart {
  part: string
  name?: string
  content: string | Buffer
  type?: string
}

/** A multipart/form-data body and its media type, as a browser sends it. */
export function formOf(parts: readonly FormPart[], boundary = `beckon-${randomUUID()}`): { body: Buffer; type: string } {
  const chunks: (string | Buffer)[] = []
  for (const { part, name, content, type } of parts) {
    const filename = name === undefined ? '' : `; filename="${name.replaceAll('"', '%22').replaceAll(/[\r\n]/g, ' ')}"`
    chunks.push(`--${boundary}\r\nContent-Disposition: form-data; name="${part}"${filename}\r\n`)
    chunks.push(`Content-Type: ${type ?? 'application/octet-stream'}\r\n\r\n`, content, '\r\n')
  }
  chunks.push(`--${boundary}--\r\n`)
  return {
    body: Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))),
    type: `multipart/form-data; boundary=${boundary}`,
  }
}

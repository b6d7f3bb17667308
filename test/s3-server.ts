import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** An object store in memory that speaks as much of S3 as Beckon does, and refuses what is not signed by its key. */
export interface TestS3 {
  url: string
  settings: { endpoint: string; region: string; bucket: string; accessKey: string; secretKey: string }
  /** What is kept, by key. */
  objects: Map<string, { content: Buffer; modified_at: number }>
  /** How many requests came, whatever became of them. */
  asked(): number
  /** Answers the next so many requests with this status, or breaks them off. */
  fail(times: number, how: number | 'cut'): void
  /** Listens no more, until `return`. */
  leave(): Promise<void>
  return(): Promise<void>
  close(): Promise<void>
}

const EMPTY = createHash('sha256').update('').digest('hex')

export async function openS3({ port = 0, pageSize = 1000 } = {}): Promise<TestS3> {
  const secrets = { region: 'eu-test-1', bucket: 'desk', accessKey: 'AKTEST', secretKey: 'a secret / with + signs' }
  const objects: TestS3['objects'] = new Map()
  let failures: { times: number; how: number | 'cut' } = { times: 0, how: 'cut' }
  let asked = 0

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    asked++
    if (failures.times > 0) {
      failures.times--
      if (failures.how === 'cut') return void request.socket.destroy()
      request.resume()
      return answer(response, failures.how, '<Error><Code>Failure</Code></Error>')
    }
    const url = new URL(request.url ?? '', `http://${request.headers.host}`)
    const content = await buffer(request)
    const digest = createHash('sha256').update(content).digest('hex')
    if (!isSigned(request, url, secrets)) return answer(response, 403, '<Error><Code>SignatureDoesNotMatch</Code></Error>')
    if (request.headers['x-amz-content-sha256'] !== digest && !(content.length === 0 && digest === EMPTY))
      return answer(response, 400, '<Error><Code>XAmzContentSHA256Mismatch</Code></Error>')
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/')
    if (bucket !== secrets.bucket) return answer(response, 404, '<Error><Code>NoSuchBucket</Code></Error>')
    const key = rest.join('/')
    if (key === '') return answer(response, 200, listing(url, { objects, pageSize }))
    serveObject({ request, response, key, content, objects })
  }
  const listen = (at: number): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((request, response) => {
        handle(request, response).catch(() => request.socket.destroy())
      })
      server.once('error', reject)
      server.listen(at, '127.0.0.1', () => resolve(server))
    })
  let server = await listen(port)
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen')
  const own = address.port
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    url: `http://127.0.0.1:${own}`,
    settings: { endpoint: `http://127.0.0.1:${own}`, ...secrets },
    objects,
    asked: () => asked,
    fail: (times, how) => {
      failures = { times, how }
    },
    leave: close,
    return: async () => {
      server = await listen(own)
    },
    close,
  }
}

function answer(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(xml)
}

function serveObject({
  request,
  response,
  key,
  content,
  objects,
}: {
  request: IncomingMessage
  response: ServerResponse
  key: string
  content: Buffer
  objects: TestS3['objects']
}): void {
  const found = objects.get(key)
  switch (request.method) {
    case 'PUT':
      objects.set(key, { content, modified_at: Date.now() })
      response.writeHead(200).end()
      return
    case 'DELETE':
      objects.delete(key)
      response.writeHead(204).end()
      return
  }
  if (!found) {
    answer(response, 404, '<Error><Code>NoSuchKey</Code></Error>')
    return
  }
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
  if (start === undefined || end === undefined)
    response.writeHead(200, { 'content-length': found.content.length }).end(found.content)
  else response.writeHead(206).end(found.content.subarray(Number(start), Number(end) + 1))
}

function listing(url: URL, { objects, pageSize }: { objects: TestS3['objects']; pageSize: number }): string {
  const prefix = url.searchParams.get('prefix') ?? ''
  const after = url.searchParams.get('continuation-token') ?? ''
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
  const page = keys.slice(0, pageSize)
  const entries = page.map(
    (key) =>
      `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key><LastModified>${new Date(objects.get(key)?.modified_at ?? 0).toISOString()}</LastModified></Contents>`,
  )
  const isCut = keys.length > page.length
  const next = isCut ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isCut}</IsTruncated>${entries.join('')}${next}</ListBucketResult>`
}

/** Signature version 4, worked out anew from the request as it came. */
function isSigned(
  { method = '', headers }: IncomingMessage,
  url: URL,
  { region, accessKey, secretKey }: { region: string; accessKey: string; secretKey: string },
): boolean {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
  const [, id, day = '', where = '', signedHeaders = '', given = ''] = pattern.exec(headers.authorization ?? '') ?? []
  const moment = String(headers['x-amz-date'] ?? '')
  if (id !== accessKey || where !== region || !moment.startsWith(day) || !signedHeaders.split(';').includes('host')) return false
  const escaped = (text: string): string =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  const canonical = [
    method,
    decodeURIComponent(url.pathname).split('/').map(escaped).join('/'),
    [...url.searchParams]
      .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
      .sort()
      .join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signedHeaders,
    headers['x-amz-content-sha256'],
  ].join('\n')
  const scope = `${day}/${where}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', moment, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  let key: Buffer | string = `AWS4${secretKey}`
  for (const part of [day, where, 's3', 'aws4_request']) key = createHmac('sha256', key).update(part).digest()
  return timingSafeEqual(createHmac('sha256', key).update(text).digest(), Buffer.from(given, 'hex'))
}

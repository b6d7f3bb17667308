import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import { StorageFull, StorageUnavailable } from './problems.ts'

/** Which bucket, and who asks. */
export interface S3Settings {
  /** `https://s3.eu-central-1.amazonaws.com`, without the bucket. */
  endpoint: string
  region: string
  bucket: string
  accessKey: string
  secretKey: string
  /** Whether the bucket is the first part of the path, instead of the host's name. */
  pathStyle: boolean
  /** What every key begins with. */
  prefix: string
}

interface S3Request {
  method: 'GET' | 'PUT' | 'DELETE'
  /** Without one the request is about the bucket. */
  key?: string
  query?: Record<string, string>
  headers?: Record<string, string>
  /** Of the body; the store refuses another one. */
  sha256: string
  /** Opens the body, anew for each try. */
  send?: () => Readable
  /** Failures that are answers. */
  allowed?: readonly number[]
}

interface S3Answer {
  status: number
  body: Readable
  text(): Promise<string>
}

export interface S3Client {
  readonly prefix: string
  /** Sends a signed request, again on what may pass. Throws 507 `storage_full` or 503 `storage_unavailable`. */
  request(request: S3Request): Promise<S3Answer>
  close(): void
}

const TRIES = 4
// No further try begins after this.
const PATIENCE_MS = 10_000
// Nothing comes or goes for so long: the store is away.
const SILENCE_MS = 15_000
const PASSING = new Set([408, 429, 500, 502, 503, 504])

/** What the store answered instead of doing it. */
class Refused extends Error {
  readonly status: number
  constructor(status: number, text: string) {
    super(`the object store answered ${status}: ${text.slice(0, 300)}`)
    this.name = 'Refused'
    this.status = status
  }
}

/** Talks to a bucket by signature version 4. The keys stand in no error and no log. */
export function createS3Client(settings: S3Settings): S3Client {
  const isSecure = settings.endpoint.startsWith('https:')
  const agent = isSecure
    ? new SecureAgent({ keepAlive: true, maxSockets: 64 })
    : new PlainAgent({ keepAlive: true, maxSockets: 64 })

  const once = async ({ method, key, query = {}, headers = {}, sha256, send, allowed = [] }: S3Request): Promise<S3Answer> => {
    const url = urlOf(settings, key, query)
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers: { ...headers, 'x-amz-content-sha256': sha256 },
      accessKeyId: settings.accessKey,
      secretAccessKey: settings.secretKey,
      service: 's3',
      region: settings.region,
    })
    const signed = Object.fromEntries((await signer.sign()).headers)
    const answer = await exchange({ url, method, headers: signed, agent, body: send?.() })
    const status = answer.statusCode ?? 0
    if ((status >= 200 && status < 300) || allowed.includes(status)) return { status, body: answer, text: () => textOf(answer) }
    throw new Refused(status, await textOf(answer))
  }

  return {
    prefix: settings.prefix,
    async request(request) {
      const started = performance.now()
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(request)
        } catch (cause) {
          const mayPass = !(cause instanceof Refused) || PASSING.has(cause.status)
          if (mayPass && attempt < TRIES && performance.now() - started < PATIENCE_MS) {
            await wait(100 * 3 ** (attempt - 1))
            continue
          }
          if (cause instanceof Refused && cause.status === 507) throw Object.assign(StorageFull(), { cause })
          throw Object.assign(StorageUnavailable({ headers: { 'Retry-After': '5' } }), { cause })
        }
      }
    },
    close: () => agent.destroy(),
  }
}

function urlOf({ endpoint, bucket, pathStyle, prefix }: S3Settings, key: string | undefined, query: Record<string, string>): URL {
  const url = new URL(endpoint)
  const base = url.pathname.replace(/\/+$/, '')
  if (!pathStyle) url.host = `${bucket}.${url.host}`
  url.pathname = `${base}${pathStyle ? `/${bucket}` : ''}/${key === undefined ? '' : prefix + key}`
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

async function exchange({
  url,
  method,
  headers,
  agent,
  body,
}: {
  url: URL
  method: string
  headers: Record<string, string>
  agent: PlainAgent | SecureAgent
  body: Readable | undefined
}): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const send = url.protocol === 'https:' ? secureRequest : plainRequest
  const request = send(url, { method, headers, agent, timeout: SILENCE_MS })
  let answer: IncomingMessage | undefined
  request.once('response', (response) => {
    answer = response
    resolve(response)
  })
  request.on('error', reject)
  request.on('timeout', () => {
    // It waits for whoever reads what has come, and who may be slow.
    if (answer && answer.readableLength > 0) request.setTimeout(SILENCE_MS)
    else request.destroy(new Error('the object store is silent'))
  })
  if (body) pipeline(body, request).catch(reject)
  else request.end()
  return promise
}

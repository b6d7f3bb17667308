import { createReadStream } from 'node:fs'
import { type FileStore, isFileKey, requireFileKey, type StoredFile } from './file-store.ts'
import { storageProblem } from './problems.ts'
import { createS3Client, type S3Client, type S3Settings } from './s3-client.ts'
import { createSpool } from './spool.ts'

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const READ_BYTES = 256 * 1024

/** Files in a bucket of an S3-compatible store. They pass through `spoolFolder` on their way in, so that length and digest are known. */
export function openS3Store(settings: S3Settings, { spoolFolder }: { spoolFolder: string }): FileStore {
  const client = createS3Client(settings)
  return {
    spool: createSpool(spoolFolder),
    async put(key, { path, size, sha256 }) {
      const send = () => createReadStream(path, { highWaterMark: READ_BYTES })
      const headers = { 'content-length': String(size), 'content-type': 'application/octet-stream' }
      const answer = await client.request({ method: 'PUT', key: requireFileKey(key), sha256, headers, send })
      await answer.text()
    },
    async read(key, range) {
      const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {}
      const { status, body } = await client.request({ method: 'GET', key: requireFileKey(key), sha256: EMPTY, headers })
      if (!range || status === 206) return body
      body.destroy()
      throw storageProblem(new Error('the object store answered a range with the whole'))
    },
    async remove(key) {
      const answer = await client.request({ method: 'DELETE', key: requireFileKey(key), sha256: EMPTY, allowed: [404] })
      await answer.text()
    },
    list: () => listBucket(client),
    async check() {
      for await (const _ of listBucket(client, { 'max-keys': '1' })) return
    },
    close: () => client.close(),
  }
}

async function* listBucket(client: S3Client, more: Record<string, string> = {}): AsyncIterable<StoredFile> {
  let token: string | undefined
  do {
    const query = {
      'list-type': '2',
      prefix: client.prefix,
      ...more,
      ...(token === undefined ? {} : { 'continuation-token': token }),
    }
    const xml = await (await client.request({ method: 'GET', query, sha256: EMPTY })).text()
    for (const [, entry = ''] of xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
      const key = elementOf(entry, 'Key')?.slice(client.prefix.length) ?? ''
      const modified_at = Date.parse(elementOf(entry, 'LastModified') ?? '')
      // What others keep in the same bucket is none of ours.
      if (isFileKey(key) && !Number.isNaN(modified_at)) yield { key, modified_at }
    }
    token = elementOf(xml, 'IsTruncated') === 'true' ? elementOf(xml, 'NextContinuationToken') : undefined
  } while (token !== undefined)
}

/** The text of an element; the few that are read hold no markup but entities. */
function elementOf(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? []
  return text
    ?.replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

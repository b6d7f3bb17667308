import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type TestContext, test } from 'node:test'
import { openS3, type TestS3 } from '../../../test/s3-server.ts'
import { Problem } from '../problems.ts'
import { openDiskStore } from './disk.ts'
import { type FileStore, isFileKey } from './file-store.ts'
import { openS3Store } from './s3.ts'
import { FileDamaged, ofLength, verified } from './verified.ts'

const tooLong = () => new Error('too long') as unknown as Problem
const limits = { limitBytes: 10_000_000, tooLong }

function freshFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-files-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function diskStore(t: TestContext): Promise<{ store: FileStore; folder: string }> {
  const folder = join(freshFolder(t), 'attachments')
  return { store: openDiskStore(folder), folder }
}

async function s3Store(
  t: TestContext,
  options: Parameters<typeof openS3>[0] = {},
): Promise<{ store: FileStore; s3: TestS3; folder: string }> {
  const s3 = await openS3(options)
  const folder = freshFolder(t)
  const store = openS3Store({ ...s3.settings, pathStyle: true, prefix: 'attachments/' }, { spoolFolder: folder })
  t.after(async () => {
    store.close()
    await s3.close()
  })
  return { store, s3, folder }
}

const kinds = { disk: diskStore, 'S3-compatible store': s3Store }

for (const [name, openStore] of Object.entries(kinds))
  test(`what is put on a ${name} is read, in whole and in part, listed, and removed`, async (t) => {
    const { store } = await openStore(t)
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))

    const received = await store.spool.receive(Readable.from([content.subarray(0, 100_001), content.subarray(100_001)]), limits)
    assert.equal(received.size, content.length)
    assert.equal(received.sha256, createHash('sha256').update(content).digest('hex'))
    assert.deepEqual(received.head, content.subarray(0, 4096))
    await store.put('ab12-one', received)
    await store.spool.discard(received)

    assert.deepEqual(await buffer(await store.read('ab12-one')), content)
    assert.deepEqual(
      await buffer(await store.read('ab12-one', { start: 99_999, end: 100_002 })),
      content.subarray(99_999, 100_003),
    )
    const listed = await Array.fromAsync(store.list())
    assert.deepEqual(
      listed.map(({ key }) => key),
      ['ab12-one'],
    )
    assert.ok(Math.abs((listed[0]?.modified_at ?? 0) - Date.now()) < 60_000)
    await store.remove('ab12-one')
    await store.remove('ab12-one')
    assert.deepEqual(await Array.fromAsync(store.list()), [])
    await assert.rejects(store.read('ab12-one'), isUnavailable)
  })

test('files and folders are their owner’s alone', async (t) => {
  const { store, folder } = await diskStore(t)

  await store.put('ab12-one', await store.spool.receive(Readable.from([Buffer.from('x')]), limits))

  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(statSync(join(folder, 'ab')).mode & 0o777, 0o700)
  assert.equal(statSync(join(folder, 'ab', 'ab12-one')).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(join(folder, 'incoming')), [])
})

test('nothing is left of a stream that breaks off, or is too long', async (t) => {
  const { store, folder } = await diskStore(t)
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('half')
      throw new Error('gone')
    })(),
  )

  await assert.rejects(store.spool.receive(broken, limits), /gone/)
  await assert.rejects(store.spool.receive(Readable.from([Buffer.alloc(11)]), { limitBytes: 10, tooLong }), /too long/)

  assert.deepEqual(readdirSync(join(folder, 'incoming')), [])
})

test('a key is never a way to another file', async (t) => {
  const { store } = await diskStore(t)

  for (const key of ['../../../etc/passwd', 'ab/../../x', '..', 'ab/cd12', '/etc/passwd', 'ab', 'AB1234', 'ab..12', 'ab\0cd12'])
    await assert.rejects(store.read(key), /is no key of a file/, key)
  assert.equal(isFileKey(`${'0'.repeat(64)}-01m820v5zkfpc8gp23v053p6c9`), true)
})

test('a folder that cannot be written to is a store that is away', async (t) => {
  const folder = freshFolder(t)
  writeFileSync(join(folder, 'attachments'), 'a file where the folder should be')

  await assert.rejects(
    openDiskStore(join(folder, 'attachments')).spool.receive(Readable.from([Buffer.from('x')]), limits),
    isUnavailable,
  )
})

test('a bucket of many pages is listed to its end, and what others keep in it is left out', async (t) => {
  const { store, s3 } = await s3Store(t, { pageSize: 3 })
  for (let i = 0; i < 10; i++) s3.objects.set(`attachments/ab12-${i}`, { content: Buffer.alloc(1), modified_at: i * 1000 })
  s3.objects.set('attachments/Not & ours', { content: Buffer.alloc(1), modified_at: 0 })
  s3.objects.set('backups/ab12-0', { content: Buffer.alloc(1), modified_at: 0 })

  const listed = await Array.fromAsync(store.list())

  assert.deepEqual(
    listed,
    Array.from({ length: 10 }, (_, i) => ({ key: `ab12-${i}`, modified_at: i * 1000 })),
  )
})

test('what passes by itself is tried again, and what does not is told at once', async (t) => {
  const { store, s3 } = await s3Store(t)
  const put = async (key: string) => store.put(key, await store.spool.receive(Readable.from([Buffer.from('x')]), limits))

  for (const how of [503, 500, 'cut'] as const) {
    s3.fail(2, how)
    await put('ab12-one')
  }
  assert.equal(s3.asked(), 9)
  s3.fail(1, 403)
  await assert.rejects(put('ab12-two'), isUnavailable)
  assert.equal(s3.asked(), 10)
  s3.fail(1, 507)
  await assert.rejects(put('ab12-two'), (error) => error instanceof Problem && error.code === 'storage_full')
  assert.deepEqual([...s3.objects.keys()], ['attachments/ab12-one'])
})

test('a store that is away is a problem with a time to wait, and works again when it is back', async (t) => {
  const { store, s3 } = await s3Store(t)
  const received = await store.spool.receive(Readable.from([Buffer.from('x')]), limits)
  await s3.leave()

  await assert.rejects(store.put('ab12-one', received), isUnavailable)
  await s3.return()
  await store.put('ab12-one', received)

  assert.equal(await text(await store.read('ab12-one')), 'x')
})

test('a request with a wrong key is refused, and no message holds the secret', async (t) => {
  const { s3, folder } = await s3Store(t)
  const wrong = openS3Store({ ...s3.settings, secretKey: 'guessed', pathStyle: true, prefix: '' }, { spoolFolder: folder })
  t.after(() => wrong.close())

  await assert.rejects(wrong.read('ab12-one'), (error) => {
    assert.ok(error instanceof Problem && isUnavailable(error))
    assert.match(String(error.cause), /403.*SignatureDoesNotMatch/)
    assert.doesNotMatch(String(error.cause) + error.stack, /guessed|AKTEST/)
    return true
  })
})

test('a content that is not what was put breaks off before its end', async () => {
  const content = Buffer.alloc(1_000_000, 'a')
  const sha256 = createHash('sha256').update(content).digest('hex')
  const chunks = () => Array.from({ length: 10 }, (_, i) => content.subarray(i * 100_000, (i + 1) * 100_000))

  assert.deepEqual(await buffer(Readable.from(chunks()).pipe(verified({ sha256, size: content.length }))), content)
  const damaged = chunks()
  damaged[3] = Buffer.alloc(100_000, 'b')
  let came = 0
  await assert.rejects(
    pipeline(Readable.from(damaged), verified({ sha256, size: content.length }), async (source) => {
      for await (const chunk of source) came += chunk.length
    }),
    FileDamaged,
  )
  assert.ok(came < content.length)
})

test('a part of a content is as long as it was said to be, or breaks off', async () => {
  const part = (given: string) => buffer(Readable.from([Buffer.from(given)]).pipe(ofLength(4)))

  assert.equal(String(await part('four')), 'four')
  await assert.rejects(part('for'), FileDamaged)
  await assert.rejects(part('fours'), FileDamaged)
})

test('a store that answers a range with the whole is not believed', async (t) => {
  const whole = createServer((_, response) => response.end('the whole'))
  await new Promise<void>((resolve) => whole.listen(0, '127.0.0.1', resolve))
  t.after(() => whole.close())
  const address = whole.address()
  assert.ok(typeof address === 'object' && address !== null)
  const endpoint = `http://127.0.0.1:${address.port}`
  const settings = { endpoint, region: 'r', bucket: 'b', accessKey: 'a', secretKey: 's', pathStyle: true, prefix: '' }
  const store = openS3Store(settings, { spoolFolder: freshFolder(t) })
  t.after(() => store.close())

  assert.equal(String(await buffer(await store.read('ab12-one'))), 'the whole')
  await assert.rejects(store.read('ab12-one', { start: 4, end: 8 }), isUnavailable)
})

test('what a killed process left on its way in goes once it is old', async (t) => {
  const { store, folder } = await diskStore(t)
  mkdirSync(join(folder, 'incoming'), { recursive: true })
  writeFileSync(join(folder, 'incoming', 'spl_left'), 'half')

  assert.equal(await store.spool.prune(Date.now() - 60_000), 0)
  assert.equal(await store.spool.prune(Date.now() + 60_000), 1)
})

function isUnavailable(error: unknown): boolean {
  return error instanceof Problem && error.code === 'storage_unavailable' && error.extras.headers?.['Retry-After'] !== undefined
}

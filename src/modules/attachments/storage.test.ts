import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Desk, openDesk } from '../../../test/desk.ts'
import { openS3 } from '../../../test/s3-server.ts'

function filesOf({ config }: Desk): string[] {
  const found = readdirSync(config.dataDir, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

test('files can be kept in a bucket; while it is away uploads and downloads say so, and nothing is half-written', async (t) => {
  const s3 = await openS3()
  t.after(() => s3.close())
  const { endpoint, region, bucket, accessKey, secretKey } = s3.settings
  const env = {
    BECKON_S3_ENDPOINT: endpoint,
    BECKON_S3_REGION: region,
    BECKON_S3_BUCKET: bucket,
    BECKON_S3_ACCESS_KEY: accessKey,
    BECKON_S3_SECRET_KEY: secretKey,
  }
  const desk = await openDesk(t, { env })
  const ada = await desk.person()
  const content = Buffer.alloc(400_000, 'abc')
  const { id } = (await ada.upload({ name: 'a.txt', content })).body
  await ada.upload({ name: 'b.txt', content })
  for (let tries = 0; tries < 100 && s3.objects.size > 1; tries++) await wait(10)
  assert.equal(s3.objects.size, 1)
  await desk.announcements()

  await s3.leave()
  const refused = await ada.upload({ name: 'c.txt', content: 'c' })
  const unread = await ada.get(`/v1/attachments/${id}/content`)
  for (const reply of [refused, unread]) {
    assert.deepEqual([reply.status, reply.body.code], [503, 'storage_unavailable'])
    assert.equal(reply.headers['retry-after'], '5')
  }
  assert.equal((await ada.get(`/v1/attachments/${id}`)).status, 200)
  await desk.announced([])
  await s3.return()

  assert.deepEqual((await ada.get(`/v1/attachments/${id}/content`)).bytes, content)
  assert.equal((await ada.get(`/v1/attachments/${id}/content`, { range: 'bytes=399999-' })).text.length, 1)
  assert.equal((await ada.upload({ name: 'c.txt', content: 'c' })).status, 201)
  assert.deepEqual([s3.objects.size, filesOf(desk).length], [2, 0])
  assert.doesNotMatch(desk.logged(), new RegExp(secretKey.replaceAll(/[+/]/g, '.')))
})

test('a bucket that cannot be used is told at the start, without its keys', async (t) => {
  const s3 = await openS3()
  t.after(() => s3.close())
  const { endpoint, region, accessKey } = s3.settings
  const desk = await openDesk(t, {
    env: {
      BECKON_S3_ENDPOINT: endpoint,
      BECKON_S3_REGION: region,
      BECKON_S3_BUCKET: 'desk',
      BECKON_S3_ACCESS_KEY: accessKey,
      BECKON_S3_SECRET_KEY: 'mistyped',
    },
  })

  for (let tries = 0; tries < 200 && !desk.logged().includes('cannot be used'); tries++) await wait(10)
  assert.match(desk.logged(), /403.*the place where files are kept cannot be used/)
  assert.doesNotMatch(desk.logged(), /mistyped|AKTEST/)
  assert.equal((await (await desk.person()).get('/v1/me')).status, 200)
})

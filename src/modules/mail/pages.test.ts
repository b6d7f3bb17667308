import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '../../../test/engine.ts'
import type { Page } from '../../platform/http/page.ts'
import { Problem } from '../../platform/problems.ts'
import { outboxPages } from './pages.ts'

async function openOutbox(t: test.TestContext): Promise<Page> {
  const database = await (await freshDatabase()).open()
  t.after(() => database.close())
  const row = { to_address: 'ada@example.com', text: 'Open this.', html: null }
  await database.write(async (db) => {
    await db
      .insertInto('outbox_mails')
      .values([
        { ...row, id: 'out_1', subject: 'The first', created_at: 1_795_338_000_000 },
        { ...row, id: 'out_2', subject: 'The second', created_at: 1_795_338_001_000 },
      ])
      .execute()
  })
  const [page] = outboxPages({ database })
  assert.ok(page)
  return page
}

const local = { address: '127.0.0.1', headers: { host: '127.0.0.1:3000' }, params: {}, query: {} }

test('a program reads the kept mails, newest first', async (t) => {
  const page = await openOutbox(t)

  const answer = await page.handle({ ...local, headers: { ...local.headers, accept: 'application/json' } })

  assert.equal(answer.status, 200)
  assert.match(answer.type, /^application\/json/)
  assert.deepEqual(JSON.parse(String(answer.body)).data[0], {
    id: 'out_2',
    to: 'ada@example.com',
    subject: 'The second',
    text: 'Open this.',
    html: null,
    headers: {},
    created_at: '2026-11-22T09:00:01.000Z',
  })
})

test('a person gets a page that runs no script', async (t) => {
  const page = await openOutbox(t)

  const answer = await page.handle({ ...local, headers: { ...local.headers, accept: 'text/html,application/json;q=0.1' } })

  assert.match(answer.type, /^text\/html/)
  assert.match(String(answer.body), /The second[\s\S]*The first/)
  assert.match(String(answer.headers?.['Content-Security-Policy']), /default-src 'none'/)
})

test('whoever is not on this machine finds no such path', async (t) => {
  const page = await openOutbox(t)

  const refused = async () => page.handle({ ...local, address: '10.0.0.7' })

  await assert.rejects(refused, (error) => error instanceof Problem && error.code === 'route_not_found')
})

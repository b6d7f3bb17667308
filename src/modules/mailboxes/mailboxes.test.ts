import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { createSecrets } from '../../platform/secrets.ts'
import {
  dkimKeyOf,
  findMailbox,
  findMailboxByAddress,
  leaseMailbox,
  MailboxLeaseLost,
  mailboxOfQueue,
  moveCursor,
  openPassword,
  releaseMailbox,
  rememberLook,
  renewMailboxLease,
} from './index.ts'
import { comparePublished } from './sending-domain.ts'

const imap = { host: 'imap.example.com', user: 'support', password: 'correct horse' }

test('an admin makes a support address, changes it and takes it away; nobody is shown its password', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const { default_queue_id } = (await admin.get('/v1/settings')).body

  const made = await admin.post('/v1/mailboxes', { address: 'Support@Example.com', name: 'Acme Support', imap })
  const path = made.headers.location ?? ''
  const changed = await admin.patch(
    path,
    { signature: 'Yours, Acme', imap: { after: 'move:Done', since: null } },
    { 'if-match': '"v1"' },
  )
  const same = await admin.patch(path, { signature: 'Yours, Acme', imap: { after: 'move:Done' } })
  const renewed = await admin.patch(path, { imap: { password: 'another one' } })
  const stale = await admin.patch(path, { name: 'Late' }, { 'if-match': '"v1"' })
  const read = await agent.get(path)
  const status = await agent.get(`${path}/status`)

  assert.deepEqual([made.status, made.body.queue_id, made.body.address], [201, default_queue_id, 'Support@Example.com'])
  assert.deepEqual(made.body.imap, {
    host: 'imap.example.com',
    port: 993,
    security: 'implicit',
    user: 'support',
    folder: 'INBOX',
    after: 'keep',
    since: '2026-11-22T09:00:00.000Z',
    has_password: true,
  })
  assert.deepEqual([changed.body.imap.after, changed.body.imap.since, changed.headers.etag], ['move:Done', null, '"v2"'])
  assert.deepEqual([same.headers.etag, renewed.headers.etag, stale.status], ['"v2"', '"v3"', 412])
  assert.deepEqual(read.body, renewed.body)
  assert.doesNotMatch(JSON.stringify([made.body, read.body]), /correct horse|another one/)
  assert.deepEqual([status.body.state, status.body.last_uid], ['waiting', null])
  const [kept] = await desk.query('select * from mailboxes')
  assert.doesNotMatch(JSON.stringify(kept), /another one/)
  assert.equal((await admin.delete(path)).status, 204)
  assert.equal((await agent.get(path)).status, 404)
  const place = { queue_id: default_queue_id, enabled: true }
  assert.deepEqual(
    (await desk.announcements()).map(({ type, data }) => [type, data]),
    [
      ['mailbox.created', place],
      ['mailbox.updated', { changed: ['signature', 'imap'], ...place }],
      ['mailbox.updated', { changed: ['imap'], ...place }],
      ['mailbox.deleted', {}],
    ],
  )
})

test('what cannot be is refused in its place', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const made = await admin.post('/v1/mailboxes', { address: 'support@bücher.example', name: 'Books', imap })
  const path = made.headers.location ?? ''
  const queue = (await admin.post('/v1/queues', { key: 'gone', name: 'Gone' })).body.id
  await admin.patch(`/v1/queues/${queue}`, { archived: true })
  const other = (address: string, more = {}) => admin.post('/v1/mailboxes', { address, name: 'Other', ...more })

  const answers = [
    await other('SUPPORT@xn--bcher-kva.example'),
    await other('no address'),
    await other('one@example.com', { queue_id: 'que_none' }),
    await other('one@example.com', { queue_id: queue }),
    await other('one@example.com', { imap: { ...imap, after: 'burn' } }),
    await other('one@example.com', { imap: { ...imap, host: imap.host.toUpperCase(), folder: 'inbox' } }),
    await admin.patch(path, { imap: { host: 'elsewhere.example.com' } }),
    await admin.patch(path, { imap: { user: 'root' } }),
    await admin.delete(`/v1/queues/${made.body.queue_id}`),
  ]

  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.code, body.errors?.[0].pointer]),
    [
      [409, 'mailbox_address_taken', '/address'],
      [422, 'validation_failed', '/address'],
      [422, 'validation_failed', '/queue_id'],
      [422, 'validation_failed', '/queue_id'],
      [422, 'validation_failed', '/imap/after'],
      [422, 'validation_failed', '/imap/folder'],
      [422, 'validation_failed', '/imap/password'],
      [422, 'validation_failed', '/imap/password'],
      [409, 'default_queue', undefined],
    ],
  )
})

test('a folder is of one mailbox: two would make two tickets of each mail', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const make = (address: string, place: object) =>
    admin.post('/v1/mailboxes', { address, name: 'Books', imap: { ...imap, ...place } })
  const one = await make('one@example.com', {})
  const two = await make('two@example.com', { folder: 'Two' })
  assert.deepEqual([one.status, two.status], [201, 201])
  const path = two.headers.location ?? ''

  const moved = await admin.patch(path, { imap: { folder: 'INBOX' } })
  const same = await admin.patch(path, { name: 'Two', imap: { folder: 'Two' } })
  await admin.patch(one.headers.location ?? '', { imap: null })
  const free = await admin.patch(path, { imap: { folder: 'INBOX' } })

  assert.deepEqual([moved.status, moved.body.errors[0].code, same.status, free.status], [422, 'taken', 200, 200])
})

test('a queue that has a mailbox stays in use', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const queue_id = (await admin.post('/v1/queues', { key: 'billing', name: 'Billing' })).body.id
  const made = await admin.post('/v1/mailboxes', { address: 'billing@example.com', name: 'Billing', queue_id })
  await desk.announcements()

  const kept = [await admin.delete(`/v1/queues/${queue_id}`), await admin.patch(`/v1/queues/${queue_id}`, { archived: true })]
  await admin.delete(made.headers.location ?? '')
  const gone = await admin.delete(`/v1/queues/${queue_id}`)

  assert.deepEqual(
    kept.map(({ status, body }) => [status, body.code]),
    [
      [409, 'queue_has_mailbox'],
      [409, 'queue_has_mailbox'],
    ],
  )
  assert.equal(gone.status, 204)
  await desk.announced(['mailbox.deleted', 'queue.deleted'])
})

test('a mailbox is found by whatever stands before its domain, and each queue has one to write from', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const queue = async (key: string) => (await admin.post('/v1/queues', { key, name: key })).body.id
  const [billing, quiet] = [await queue('billing'), await queue('quiet')]
  const make = async (address: string, more = {}) =>
    (await admin.post('/v1/mailboxes', { address, name: address, ...more })).body.id
  const off = await make('old@example.com', { queue_id: billing, enabled: false })
  const bills = await make('bills@example.com', { queue_id: billing })
  const later = await make('late@example.com', { queue_id: billing })
  const all = await make('support@bücher.example')
  const plus = await make('support+vip@bücher.example')
  const db = desk.database.reader
  const idOf = async (address: string) => (await findMailboxByAddress(db, address))?.id

  assert.deepEqual(
    [
      await idOf('BILLS@Example.COM'),
      await idOf('bills+1k-1-abc@example.com'),
      await idOf('support@xn--bcher-kva.example'),
      await idOf('Support+VIP@bücher.example'),
      await idOf('support+other@bücher.example'),
      await idOf('bills@example.org'),
      await idOf('+bills@example.com'),
      await idOf('nonsense'),
    ],
    [bills, bills, all, plus, all, undefined, undefined, undefined],
  )
  assert.equal((await findMailbox(db, off))?.id, off)
  assert.equal((await mailboxOfQueue(db, billing))?.id, bills)
  assert.equal((await mailboxOfQueue(db, quiet))?.id, all)
  await admin.patch(`/v1/mailboxes/${bills}`, { enabled: false })
  assert.equal((await mailboxOfQueue(db, billing))?.id, later)
})

test('one node reads a mailbox at a time; who lost it moves nothing any more', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body } = await admin.post('/v1/mailboxes', { address: 'support@example.com', name: 'Support', imap })
  const holding = (token: string) => ({ mailbox_id: body.id, folder: 'INBOX', token })
  const take = (token: string) => desk.app.transact((tx) => leaseMailbox(tx, { ...holding(token), leaseMs: 30_000 }))
  const move = (token: string, last_uid: number) =>
    desk.app.transact((tx) => moveCursor(tx, { ...holding(token), uidvalidity: '7', last_uid }))
  const status = async () => (await admin.get(`/v1/mailboxes/${body.id}/status`)).body

  const first = await take('one')
  assert.deepEqual([first?.uidvalidity, first?.last_uid, await take('two')], [null, 0, undefined])
  await move('one', 12)
  assert.deepEqual([(await status()).state, (await status()).last_uid], ['reading', 12])
  desk.clock.advance(20_000)
  await desk.app.transact((tx) => renewMailboxLease(tx, { ...holding('one'), leaseMs: 30_000 }))
  desk.clock.advance(20_000)
  assert.equal(await take('two'), undefined)
  desk.clock.advance(10_001)
  assert.equal((await take('two'))?.last_uid, 12)
  await assert.rejects(move('one', 99), MailboxLeaseLost)
  await assert.rejects(
    desk.app.transact((tx) => renewMailboxLease(tx, { ...holding('one'), leaseMs: 1 })),
    MailboxLeaseLost,
  )
  await desk.app.transact((tx) => releaseMailbox(tx, holding('one')))
  await desk.app.transact((tx) => rememberLook(tx, { ...holding('two'), trouble: 'The server refused user and password.' }))
  assert.deepEqual([(await status()).state, (await status()).last_error], ['failing', 'The server refused user and password.'])
  await desk.app.transact((tx) => releaseMailbox(tx, holding('two')))
  assert.equal((await take('three'))?.last_uid, 12)

  // Another folder begins anew, and whoever read the former one is out.
  await admin.patch(`/v1/mailboxes/${body.id}`, { imap: { folder: 'Archive' } })
  await assert.rejects(move('three', 13), MailboxLeaseLost)
  assert.equal((await status()).last_uid, null)
})

test('a password opens under its own secret and for its own mailbox only', async (t) => {
  const desk = await openDesk(t, { env: {} })
  const admin = await desk.person({ role: 'admin' })
  const { body } = await admin.post('/v1/mailboxes', { address: 'support@example.com', name: 'Support', imap })
  const [row] = await desk.query('select id, imap_password from mailboxes')

  assert.equal(row.id, body.id)
  assert.throws(() => openPassword(createSecrets('another secret of some length, 32'), row), /Set the password again/)
})

test('a domain gets a key; its record is told, looked up, and signs what lies below it', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  const made = await admin.post('/v1/sending-domains', { domain: 'Example.COM' })
  const path = made.headers.location ?? ''
  const { dns } = made.body
  const again = await admin.post('/v1/sending-domains', { domain: 'example.com', selector: 'other' })
  const off = await admin.patch(path, { enabled: false })
  const same = await admin.patch(path, { enabled: false })
  await admin.patch(path, { enabled: true })

  assert.deepEqual(
    [made.status, made.body.domain, dns.name, dns.type],
    [201, 'example.com', 'beckon._domainkey.example.com', 'TXT'],
  )
  assert.deepEqual([again.status, again.body.code, again.body.errors[0].pointer], [409, 'sending_domain_taken', '/domain'])
  assert.deepEqual([off.body.enabled, off.headers.etag, same.headers.etag], [false, '"v2"', '"v2"'])
  assert.doesNotMatch(made.text, /PRIVATE|private/)
  const published = /^v=DKIM1; k=rsa; p=(\S+)$/.exec(dns.value)?.[1] ?? ''
  const [row] = await desk.query('select * from sending_domains')
  assert.doesNotMatch(row.private_key, /PRIVATE/)
  const key = await desk.app.transact((tx) => dkimKeyOf(tx.db, 'help.EXAMPLE.com', desk.secrets))
  assert.deepEqual([key?.domain, key?.selector], ['example.com', 'beckon'])
  const derived = createPublicKey(createPrivateKey(key?.private_key ?? '')).export({ type: 'spki', format: 'der' })
  assert.equal(derived.toString('base64'), published)
  assert.equal(await dkimKeyOf(desk.database.reader, 'badexample.com', desk.secrets), undefined)
  assert.equal(await dkimKeyOf(desk.database.reader, 'com', desk.secrets), undefined)
  assert.equal((await admin.delete(path)).status, 204)
  assert.equal(await dkimKeyOf(desk.database.reader, 'example.com', desk.secrets), undefined)
  assert.deepEqual(
    (await desk.announcements()).map(({ type, data }) => [type, data]),
    [
      ['sending_domain.created', { enabled: true }],
      ['sending_domain.updated', { changed: ['enabled'], enabled: false }],
      ['sending_domain.updated', { changed: ['enabled'], enabled: true }],
      ['sending_domain.deleted', {}],
    ],
  )
})

for (const [records, state] of [
  [[], 'missing'],
  [[['v=spf1 -all']], 'missing'],
  [[['v=DKIM1; k=rsa; p=AB', 'CD']], 'published'],
  [[['v=DKIM1;p = AB CD ;k=rsa']], 'published'],
  [[['v=DKIM1; p=']], 'different'],
  [[['v=DKIM1; p=XY'], ['p=ABCD']], 'published'],
  [[['v=DKIM1; p=XY']], 'different'],
] as const)
  test(`the records ${JSON.stringify(records)} say that the key is ${state}`, () =>
    assert.equal(comparePublished(records, 'ABCD'), state))

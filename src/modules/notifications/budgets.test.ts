import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { openMailIn } from '../../../test/mail-in.ts'
import { insertRow } from '../../platform/database/prepared.ts'
import { newId } from '../../platform/ids.ts'
import { loopBudgets } from './budgets.ts'

const HOUR = 3_600_000

/** More mails like the last one to somebody, as if they had been sent, too; about this ticket or none. */
async function like(desk: Desk, { id }: Person, more: { count: number } & Json): Promise<void> {
  const { count, ...changes } = more
  const rows = desk.database.reader.selectFrom('outbound_mails').selectAll().where('user_id', '=', id)
  const row = await rows.orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
  await desk.database.write(async (db) => {
    for (let i = 0; i < count; i++) {
      const copy = { ...row, ...changes, id: newId('mail'), created_at: desk.clock.now() }
      await insertRow(db, 'outbound_mails', { ...copy, dedupe_key: copy.id })
    }
  })
}

async function openWorld(t: Parameters<typeof openDesk>[0]) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person({ name: 'Ada' })
  const ben = await desk.person({ name: 'Ben' })
  const seen = new Set<string>()
  const told = async (): Promise<string[]> => {
    await desk.settle()
    const rows = (await desk.query('select id, user_id, kind, state, reason from outbound_mails order by id')) as Json[]
    const fresh = rows.filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    const nameOf = (id: string) => [ada, ben].find((one) => one.id === id)?.name ?? id
    return fresh.map(({ user_id, kind, state, reason }) => `${nameOf(user_id)} ${kind} ${reason ?? state}`).sort()
  }
  const tripped = async () => (await desk.announcements()).flatMap((one) => (one.type === 'mail.loop_tripped' ? [one.data] : []))
  const raise = async ({ id }: Person): Promise<Json> => {
    // His session may have ended in the meantime.
    const { access_token } = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, id))
    const answer = await desk.bearer(access_token).post('/v1/tickets', { subject: 'Printer', body: 'x' })
    assert.equal(answer.status, 201, answer.text)
    return answer.body
  }
  return { desk, admin, ada, ben, told, tripped, raise }
}

test('fifty automatic mails a day to one address, about whatever tickets; what people write goes out', async (t) => {
  const { desk, ada, ben, told, tripped, raise } = await openWorld(t)
  await raise(ada)
  await desk.settle()
  await like(desk, ada, { count: loopBudgets.address.limit - 2, ticket_id: null })
  await told()

  await raise(ada)
  assert.deepEqual(await told(), ['Ada ticket_received sent'], 'the fiftieth')
  await tripped()
  const ticket = await raise(ada)
  assert.deepEqual(await told(), ['Ada ticket_received loop_budget:address'])
  await raise(ada)
  await raise(ben)
  assert.deepEqual(await told(), ['Ada ticket_received loop_budget:address', 'Ben ticket_received sent'])
  assert.deepEqual(await tripped(), [{ scope: 'address', direction: 'out', user_id: ada.id }])
  const cara = await desk.person({ role: 'agent' })
  await cara.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Run.' })
  assert.deepEqual(await told(), ['Ada reply sent'])
  desk.clock.advance(24 * HOUR)
  await raise(ada)
  assert.deepEqual(await told(), ['Ada ticket_received sent'])
})

test('a thousand automatic mails an hour from one mailbox, to whomever; other mailboxes go on, and staff gets the rest in a digest', async (t) => {
  const { desk, admin, ada, ben, told, tripped, raise } = await openWorld(t)
  const queue = (await admin.post('/v1/queues', { key: 'bills', name: 'Bills' })).body
  const box = async (address: string, more = {}) =>
    (await admin.post('/v1/mailboxes', { address, name: 'Help', ...more })).body.id
  const help = await box('help@desk.example')
  await box('bills@desk.example', { queue_id: queue.id })
  await raise(ada)
  await desk.settle()
  const stranger = { to_key: 'x@elsewhere.example', ticket_id: null, user_id: null }
  await like(desk, ada, { count: loopBudgets.mailbox.limit - 1, ...stranger })
  await told()
  await tripped()

  const cara = await desk.person({ role: 'agent' })
  const ticket = await raise(ben)
  assert.deepEqual(await told(), ['Ben ticket_received loop_budget:mailbox'])
  await admin.patch(`/v1/tickets/${ticket.id}`, { assignee_id: cara.id })
  assert.deepEqual(await told(), [])
  const items = await desk.query('select kind from digest_items where user_id = ?', [cara.id])
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['assigned'],
  )
  assert.deepEqual(await tripped(), [{ scope: 'mailbox', direction: 'out', user_id: ben.id }])
  await admin.patch(`/v1/tickets/${ticket.id}`, { queue_id: queue.id })
  await admin.patch(`/v1/tickets/${ticket.id}`, { status: 'solved' })
  assert.deepEqual(await told(), ['Ben solved sent'], 'from the mailbox of the other queue')
  desk.clock.advance(HOUR)
  await raise(ben)
  assert.deepEqual(await told(), ['Ben ticket_received sent'])
  const [{ n }] = await desk.query('select count(*) as n from outbound_mails where mailbox_id = ?', [help])
  assert.ok(Number(n) > loopBudgets.mailbox.limit)
})

test('to an address that nobody proved goes one automatic mail an hour and five a day, and what a registration had mailed counts', async (t) => {
  const { desk, told } = await openWorld(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const eve = 'eve@unproven.example'
  const hour = async (): Promise<string[]> => {
    await mail.deliver({ from: eve, aligned: false, text: 'Buy my pills!' })
    const states = (await told()).map((line) => line.replace(/^.* /, ''))
    desk.clock.advance(HOUR)
    return states
  }
  await desk.anyone.post('/v1/auth/register', { email: eve, password: 'a lamp behind the door', name: 'Eve' })
  await desk.settle()

  assert.deepEqual(await hour(), ['unproven_address'])
  for (let i = 0; i < 4; i++) assert.deepEqual(await hour(), ['sent'])
  assert.deepEqual(await hour(), ['unproven_address'], 'the sixth of the day')
  const mails = await desk.mails()
  assert.equal(mails.length, 5)
  assert.ok(mails.every(({ text, subject }) => !/pills|Eve/.test(text + subject)))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, openDesk, type Person } from '../../../test/desk.ts'
import { openMailIn } from '../../../test/mail-in.ts'
import { insertRow } from '../../platform/database/prepared.ts'
import { newId } from '../../platform/ids.ts'
import { budgets } from './budgets.ts'
import type { InboundMailRow } from './tables.ts'

const HOUR = 3_600_000

/** More mails like this one, as if they had come, too. */
async function like(desk: Desk, row: InboundMailRow, count: number): Promise<void> {
  await desk.database.write(async (db) => {
    for (let i = 0; i < count; i++) {
      const id = newId('inb')
      await insertRow(db, 'inbound_mails', { ...row, id, dedupe_key: id, source_ref: null, created_at: desk.clock.now() })
    }
  })
}

async function quietOf(desk: Desk, { message_id }: InboundMailRow): Promise<string | null> {
  const [row] = await desk.query('select mail_quiet from messages where id = ?', [message_id])
  return row.mail_quiet
}

/** The scopes of the loops that were told of since the last call. */
async function tripped(desk: Desk): Promise<string[]> {
  const all = await desk.announcements()
  return all.flatMap(({ type, visibility, data }) =>
    type === 'mail.loop_tripped' && visibility === 'internal' ? [data.scope] : [],
  )
}

async function openWorld(t: Parameters<typeof openDesk>[0]) {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = await desk.person({ email: 'mia@customer.example' })
  const max = await desk.person({ email: 'max@customer.example' })
  const owed = async (person: Person) => {
    await desk.settle()
    return Number((await desk.query('select count(*) as n from outbound_mails where user_id = ?', [person.id]))[0].n)
  }
  return { desk, mail, mia, max, owed }
}

test('fifty mails a day of one address, in however many tickets; the next ones are kept, and nobody is mailed', async (t) => {
  const { desk, mail, mia, max, owed } = await openWorld(t)
  const first = await mail.deliver({ from: mia.email, aligned: true })
  await like(desk, first, budgets.address.most - 2)
  const last = await mail.deliver({ from: mia.email, aligned: true })
  const before = await owed(mia)
  await tripped(desk)

  const over = await mail.deliver({ from: 'MIA@customer.example', aligned: true })
  const more = await mail.deliver({ from: mia.email, aligned: true })
  const other = await mail.deliver({ from: max.email, aligned: true })

  assert.deepEqual([await quietOf(desk, last), await quietOf(desk, over), await quietOf(desk, more)], [null, 'all', 'all'])
  assert.deepEqual([over.state, over.reason, more.reason], ['applied', 'over_budget_address', 'over_budget_address'])
  assert.equal(await quietOf(desk, other), null)
  assert.equal(await owed(mia), before)
  assert.equal(await owed(max), 1)
  assert.deepEqual(await tripped(desk), ['address'])
  desk.clock.advance(24 * HOUR + 1)
  assert.equal(await quietOf(desk, await mail.deliver({ from: mia.email, aligned: true })), null)
})

test('a thousand mails an hour to one mailbox, of whomever; other mailboxes go on', async (t) => {
  const { desk, mail, mia, max, owed } = await openWorld(t)
  const bills = await mail.mailbox({ address: 'bills@desk.example' })
  const flood = await mail.deliver({ from: 'eve@evil.example', aligned: true })
  await like(desk, { ...flood, from_key: 'somebody@evil.example' }, budgets.mailbox.most - 1)
  await tripped(desk)

  const over = await mail.deliver({ from: mia.email, aligned: true })
  const more = await mail.deliver({ from: max.email, aligned: true })
  const elsewhere = await mail.deliver({ from: max.email, aligned: true, to: bills.address })

  assert.deepEqual([await quietOf(desk, over), await quietOf(desk, more)], ['all', 'all'])
  assert.deepEqual([over.state, over.reason], ['applied', 'over_budget_mailbox'])
  assert.deepEqual([elsewhere.mailbox_id, await quietOf(desk, elsewhere)], [bills.id, null])
  assert.deepEqual([await owed(mia), await owed(max)], [0, 1])
  assert.deepEqual(await tripped(desk), ['mailbox'])
  desk.clock.advance(HOUR + 1)
  assert.equal(await quietOf(desk, await mail.deliver({ from: mia.email, aligned: true })), null)
})

test('what is forged in somebody’s name does not spend what he may write himself', async (t) => {
  const { desk, mail, mia, owed } = await openWorld(t)
  const root = await desk.person({ role: 'admin' })
  const [{ id: queue_id }] = await desk.query('select default_queue_id as id from settings')
  await root.patch(`/v1/queues/${queue_id}`, { unverified_mail: 'internal_note' })
  const ticket = (await mia.post('/v1/tickets', { subject: 'Printer', body: 'x' })).body
  const subject = `[#${ticket.number}]`
  const forged = await mail.deliver({ from: mia.email, aligned: false, subject })
  assert.equal(forged.ticket_id, ticket.id)
  await like(desk, forged, 60)
  const cara = await desk.person({ role: 'agent' })
  assert.equal((await cara.post(`/v1/tickets/${ticket.id}/claim`)).status, 200)
  const before = await owed(cara)

  const more = await mail.deliver({ from: mia.email, aligned: false, subject })
  const own = await mail.deliver({ from: mia.email, aligned: true, subject })

  assert.equal(await quietOf(desk, more), 'all')
  assert.deepEqual([own.ticket_id, own.reason, await quietOf(desk, own)], [ticket.id, 'participant', null])
  assert.equal(await owed(cara), before + 1)
})

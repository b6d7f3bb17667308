import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

const HOUR = 3_600_000

test('a digest leaves from the mailbox of its tickets; of several, from that of the default queue; without one, from the desk', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_MAIL_FROM: 'Desk <desk@house.example>' } })
  const { id: admin_id } = await desk.person({ role: 'admin' })
  /** An hour later a session needs another token. */
  const root = async () => {
    const { access_token } = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, admin_id))
    return desk.bearer(access_token)
  }
  const cara = await desk.person({ role: 'agent' })
  await cara.patch('/v1/me/notifications', { choices: { assigned: 'digest' }, digest_at: 'hourly' })
  const queues = ['bills', 'parts'].map(async (key) => (await (await root()).post('/v1/queues', { key, name: key })).body.id)
  const [bills, parts] = await Promise.all(queues)
  const assign = async (queue_id: string): Promise<void> => {
    const admin = await root()
    const { id } = (await admin.post('/v1/tickets', { subject: 'Printer', body: 'x', queue_id })).body
    assert.equal((await admin.patch(`/v1/tickets/${id}`, { assignee_id: cara.id })).status, 200)
    await desk.settle()
  }
  const box = async (address: string, more = {}) => {
    assert.equal((await (await root()).post('/v1/mailboxes', { address, name: 'Help', ...more })).status, 201)
  }
  /** From whom the next digest comes, and the domain of its Message-ID. */
  const digest = async (): Promise<unknown[]> => {
    desk.clock.advance(HOUR)
    await desk.settle()
    const rows = await desk.query(`select header_id, state from outbound_mails where kind = 'digest' order by id`)
    const mails = await desk.query('select headers from outbox_mails where to_address = ? order by created_at, id', [cara.email])
    const { header_id = '', state } = rows.at(-1) ?? {}
    return [state, JSON.parse(mails.at(-1)?.headers).From, header_id.replace(/^.*@|>$/g, '')]
  }

  await assign(bills)
  assert.deepEqual(await digest(), ['sent', 'Desk <desk@house.example>', 'house.example'])
  await box('help@desk.example')
  await box('bills@bills.example', { queue_id: bills })
  await assign(bills)
  await assign(bills)
  assert.deepEqual(await digest(), ['sent', 'Help <bills@bills.example>', 'bills.example'])
  await assign(bills)
  await assign(parts)
  assert.deepEqual(await digest(), ['sent', 'Help <help@desk.example>', 'desk.example'])
})

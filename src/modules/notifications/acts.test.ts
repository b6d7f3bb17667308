import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { personAsOfNow } from '../accounts/index.ts'
import { postMessage } from '../conversation/index.ts'

test('two messages in the same moment are two acts, whoever had them written: both are told', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const cara = await desk.person({ role: 'agent' })
  const { id } = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'x' })).body
  await desk.settle()
  await cara.post(`/v1/tickets/${id}/claim`)
  await desk.settle()

  // No request has them written: as mails do, in one millisecond.
  await Promise.all(
    ['one', 'two', 'three'].map((body) =>
      desk.app.transact(async (tx) => {
        const actor = await personAsOfNow(tx.db, ada.id)
        assert.ok(actor)
        await postMessage(tx, actor, { ticket: id, text: { body, body_html: body }, visibility: 'public' })
      }),
    ),
  )
  await desk.settle()

  const told = await desk.query(`select message_id from outbound_mails where user_id = ? and kind = 'reply'`, [cara.id])
  assert.equal(new Set(told.map(({ message_id }) => message_id)).size, 3)
})

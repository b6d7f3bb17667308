import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { recordingDatabase } from '../../../test/plans/recording.ts'
import { whoIsOwed } from './owed.ts'

test('of whom an act is told, and whether it was, is asked by the act, however much happened in its ticket', async (t) => {
  const desk = await openDesk(t)
  const [ada, agent] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  await agent.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Use water.' })
  const [row] = await desk.query("select * from events where type = 'message.created' order by id desc limit 1")
  const plans: string[] = []
  const { reader } = recordingDatabase(desk.database, {
    isWanted: (sql) => /from .(events|outbound_mails)./.test(sql),
    record: ({ plan }) => plans.push(...plan.map(({ text }) => text)),
  })

  const event = { ...row, subject: { type: 'message', id: row?.subject_id, version: 1 }, actor: { type: 'user', id: agent.id } }
  const telling = await whoIsOwed(reader, { ...event, data: {}, previous: null } as Parameters<typeof whoIsOwed>[1]) // a row as it is kept

  assert.deepEqual(
    telling?.recipients.map(({ user, kind }) => [user.id, kind]),
    [[ada.id, 'reply']],
  )
  assert.ok(plans.length >= 2)
  for (const plan of plans) assert.doesNotMatch(plan, /events_ticket|outbound_mails_ticket|SCAN/)
})

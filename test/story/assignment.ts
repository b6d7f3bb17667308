import { insertRows } from '../../src/platform/database/prepared.ts'
import type { Desk } from '../desk.ts'
import { type Cast, done, refused, type Telling } from './telling.ts'

/** Between the chapters: the printers' queue gives its tickets out by itself, and Ada's work is handed over when she is away. */
export async function assign({ desk }: Telling, { grace, ada, bob, ada_id, queue_id }: Cast): Promise<void> {
  await done(grace.patch(`/v1/agents/${ada_id}`, { capacity: 20, skills: ['printers', 'fire'] }))
  await done(ada.get('/v1/agents'))
  await done(ada.get(`/v1/agents/${ada_id}`))
  await refused(ada.patch(`/v1/agents/${ada_id}`, { capacity: 1 }), 'forbidden')
  await done(
    grace.patch(`/v1/queues/${queue_id}`, {
      assignment: {
        mode: 'round_robin',
        order: 'due',
        claim_ttl_seconds: 1800,
        reassign_on_away: true,
        skill_relax_seconds: 3600,
      },
    }),
  )
  const spare = await done(
    grace.post('/v1/queues', { key: 'spare', name: 'Spare', assignment: { fallback: { to: 'queue', queue_id } } }),
    201,
  )
  await refused(grace.delete(`/v1/queues/${queue_id}`), 'fallback_queue')
  await done(grace.patch(`/v1/queues/${spare.id}`, { assignment: { fallback: { to: 'none' } } }))

  const ticket = await done(
    bob.post('/v1/tickets', { subject: 'Out of toner', body: 'It prints white on white.', queue_id }),
    201,
  )
  const path = `/v1/tickets/${ticket.id}`
  await desk.settle()
  await done(grace.patch(path, { assignee_id: null, due_at: '2027-01-01T12:00:00.000Z' }))
  await done(ada.put(`${path}/skills`, { skills: ['printers'], relax_after_seconds: 3600 }))
  await done(ada.get(`${path}/eligibility`))
  await desk.settle()
  await done(ada.post(`/v1/agents/${ada_id}/handover`, { to: 'queue', dry_run: true }))
  await done(grace.patch(`/v1/queues/${queue_id}`, { assignment: { mode: 'claim_only' } }))
  await done(ada.post(`/v1/agents/${ada_id}/handover`, { to: 'queue', status_categories: ['open'], dry_run: false }))
  await refused(ada.patch(path, { assignee_id: await idOf(grace) }), 'claim_only')
  await inherit(desk, { ticket_id: ticket.id, assignee_id: ada_id })
  const { job_id } = await done(ada.post(`/v1/agents/${ada_id}/handover`, { to: 'queue', dry_run: false }), 202)
  await desk.settle()
  await done(ada.get(`/v1/jobs/${job_id}`))
  await forget(desk)
  await done(ada.patch(`/v1/agents/${ada_id}`, { availability: 'away' }))
  await desk.settle()
  await done(ada.patch(`/v1/agents/${ada_id}`, { availability: 'online' }))
  await done(grace.patch(`/v1/queues/${queue_id}`, { assignment: { mode: 'manual' } }))
  await done(bob.post(`${path}/close`))
}

/** Gives an agent more tickets than are handed over at once. */
async function inherit(desk: Desk, { ticket_id, assignee_id }: { ticket_id: string; assignee_id: string }): Promise<void> {
  await desk.database.write(async (db) => {
    const row = await db.selectFrom('tickets').selectAll().where('id', '=', ticket_id).executeTakeFirstOrThrow()
    const of = { ...row, assignee_id, waiting_rank: null }
    const copies = Array.from({ length: 101 }, (_, i) => ({ ...of, id: `tkt_${String(i).padStart(26, '0')}`, number: 9000 + i }))
    await insertRows(db, 'tickets', copies)
  })
}

async function forget(desk: Desk): Promise<void> {
  await desk.database.write((db) =>
    db.updateTable('tickets').set({ deleted_at: desk.clock.now(), waiting_rank: null }).where('number', '>=', 9000).execute(),
  )
}

async function idOf(caller: Cast['grace']): Promise<string> {
  return (await done(caller.get('/v1/me'))).id
}

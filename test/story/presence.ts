import assert from 'node:assert/strict'
import { type Cast, done, type Telling } from './telling.ts'

/** Between the chapters: Ada sees in time that Grace is answering the same customer. */
export async function meet(_: Telling, { grace, ada, bob, queue_id }: Cast): Promise<void> {
  const ticket = await done(
    bob.post('/v1/tickets', { subject: 'A second tray?', body: 'Can we have one more tray for the printer?', queue_id }),
    201,
  )
  const path = `/v1/tickets/${ticket.id}/presence`
  await done(grace.put(path, { viewing: true, typing: 'public' }))
  await done(ada.put(path, { viewing: true, typing: 'internal' }))
  const staff = await done(ada.get(path))
  assert.equal(staff.data.length, 2)
  const customer = await done(bob.get(path))
  assert.deepEqual(
    customer.data.map(({ viewing, typing }: { viewing: boolean; typing: string }) => [viewing, typing]),
    [[false, 'public']],
  )
  for (const caller of [grace, ada]) await done(caller.delete(path), 204)
  await done(bob.post(`/v1/tickets/${ticket.id}/close`))
}

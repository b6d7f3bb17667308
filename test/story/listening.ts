import assert from 'node:assert/strict'
import { type Cast, done, type Telling } from './telling.ts'

/** Between the chapters: Bob's app listens to what becomes of his ticket. */
export async function listen({ desk, anyone }: Telling, { ada, bob }: Cast): Promise<void> {
  const ticket = await done(bob.post('/v1/tickets', { subject: 'The scanner hums', body: 'All day long.' }), 201)
  const { token } = await done(bob.post('/v1/realtime/tokens'), 201)
  await done(ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Which tune?' }), 201)
  // Not carefully: a token is good once.
  const { status, text } = await desk.anyone.get(`/v1/stream?topics=ticket:${ticket.number}&after=0&token=${token}`)
  assert.equal(status, 200, text)
  assert.match(text, /"body":"Which tune\?"/)
  assert.equal((await anyone.get(`/v1/stream?topics=me&token=${token}`)).status, 401)
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk, type Person, type Reply } from '../desk.ts'
import { readAll } from './whole-answers.ts'

test('what happens on the inside moves nothing that is seen from the public side', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const organization_id = (await admin.post('/v1/organizations', { name: 'Acme' })).body.id
  const [tom, tim] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  const team = (await admin.post('/v1/teams', { name: 'First line' })).body.id
  for (const agent of [tom, tim]) await admin.put(`/v1/teams/${team}/members/${agent.id}`)
  const queue_id = (await admin.post('/v1/queues', { key: 'first', name: 'First', team_ids: [team] })).body.id
  await admin.post('/v1/fields', { key: 'inner', label: 'Inner', type: 'text' })
  await admin.post('/v1/fields', { key: 'outer', label: 'Outer', type: 'text', requester_access: 'read' })
  const incident = (await admin.post('/v1/ticket-types', { name: 'Incident' })).body.id
  desk.clock.advance(1000)
  const ada = await desk.person({ organization_id })
  const mona = await desk.person({ organization_id, organization_role: 'manager' })
  const rita = await desk.person({ role: 'agent' })
  const older = (await ada.post('/v1/tickets', { subject: 'A printer', body: 'It smokes.', cc: [mona.id] })).body.id
  desk.clock.advance(1000)
  await ada.post('/v1/tickets', { subject: 'Another printer', body: 'It smokes, too.' })
  const ritas = (await rita.post('/v1/tickets', { subject: 'A chair', body: 'It squeaks.', queue_id })).body.id
  for (const id of [older, ritas]) {
    await admin.patch(`/v1/tickets/${id}`, { queue_id })
    await tom.post(`/v1/tickets/${id}/messages`, { body: 'We look into it.' })
  }

  await ada.put(`/v1/tickets/${older}/draft`, { body: 'A note: vip?' })
  await mona.put(`/v1/tickets/${older}/draft`, { body: 'A note: vip?' })
  await rita.put(`/v1/tickets/${ritas}/draft`, { body: 'A note: vip?' })
  const text = (visibility: string) => ({ visibility, variants: [{ locale: 'en', body: 'A note: vip, {{ticket.number}}.' }] })
  const save = async (message: object, changes: object): Promise<string> =>
    (await tom.post('/v1/macros', { name: 'Again', message, changes })).body.id
  const macro = await save(text('internal'), { add_tags: ['vip', 'fire'], assignee_id: 'me', fields: { inner: 'vip' } })
  const reply = await save(text('public'), { status: 'solved', priority: 'urgent' })

  const readers = { ada, mona, rita }
  const paths: Record<keyof typeof readers, string[]> = { ada: pathsOf(older), mona: pathsOf(older), rita: pathsOf(ritas) }
  await desk.settle()
  const before = await readAll(readers, paths)
  for (const id of [older, ritas])
    for (const [name, act] of hiddenActs(`/v1/tickets/${id}`, { root: admin, tom, tim, incident, macro, reply })) {
      desk.clock.advance(5000)
      const reply = await act()
      assert.ok(reply.status < 300, `${name}: ${reply.text}`)
      await desk.settle()
      const after = await readAll(readers, paths)
      for (const [what, was] of before) assert.deepEqual(after.get(what), was, `${what} moved by: ${name}`)
    }

  // What they do see moves it, or the above would prove nothing.
  desk.clock.advance(5000)
  await tom.post(`/v1/tickets/${older}/messages`, { body: 'It is mended.' })
  await desk.settle()
  const moved = await readAll(readers, paths)
  for (const what of [`/v1/tickets/${older}`, '/v1/tickets?sort=-updated_at', `/v1/tickets/${older}/messages?sort=-created_at`])
    assert.notDeepEqual(moved.get(`ada ${what}`), before.get(`ada ${what}`), what)
})

function pathsOf(id: string): string[] {
  const ticket = `/v1/tickets/${id}`
  const sorts = ['created_at', '-updated_at', 'updated_at', '-priority', 'number'].map((sort) => `/v1/tickets?sort=${sort}`)
  return [
    ticket,
    `${ticket}?include=messages`,
    `${ticket}/messages?limit=1`,
    `${ticket}/messages?sort=-created_at`,
    `${ticket}/participants`,
    `${ticket}/read-marks`,
    `${ticket}/events?include=object,ticket`,
    `${ticket}/draft`,
    `${ticket}/presence`,
    '/v1/me/drafts',
    ...sorts,
    '/v1/tickets?limit=1&sort=-updated_at&include=total',
    '/v1/tickets?q=vip&include=total',
    '/v1/tickets?q=note*&include=total',
    '/v1/tickets?tag=vip&include=total',
    '/v1/tickets?assignee_id=none&include=total',
    '/v1/tickets?updated_at[gt]=2026-11-22T09:00:05Z&include=total',
    '/v1/events?include=object,ticket',
    '/v1/tickets?sort=-fields[outer]',
    '/v1/tickets?fields[outer]=none&include=total',
    '/v1/fields',
    '/v1/me',
    '/v1/queues',
  ]
}

type Acts = [name: string, act: () => Promise<Reply>][]

/** Everything that only staff may notice. */
function hiddenActs(
  path: string,
  {
    root,
    tom,
    tim,
    incident,
    macro,
    reply,
  }: Record<'root' | 'tom' | 'tim', Person> & Record<'incident' | 'macro' | 'reply', string>,
): Acts {
  let note: Json
  const keep = async (reply: Promise<Reply>): Promise<Reply> => {
    note = (await reply).body
    return reply
  }
  return [
    ['a draft', () => tom.put(`${path}/draft`, { body: 'vip', visibility: 'internal' })],
    ['a discarded draft', () => tom.delete(`${path}/draft`)],
    ['an agent who looks', () => tom.put(`${path}/presence`, { viewing: true })],
    ['an agent who writes a note', () => tim.put(`${path}/presence`, { viewing: true, typing: 'internal' })],
    ['an agent who has gone', () => tom.delete(`${path}/presence`)],
    ['a note', () => keep(tom.post(`${path}/messages`, { body: 'A note: vip.', visibility: 'internal' }))],
    ['an edited note', () => tom.patch(`${path}/messages/${note.id}`, { body: 'Another note.' })],
    ['a redacted note', () => root.post(`${path}/messages/${note.id}/redact`, { passage: 'note' })],
    ['a retracted note', () => tom.delete(`${path}/messages/${note.id}`)],
    ['a note to go', () => keep(tom.post(`${path}/messages`, { body: 'One more note: vip.', visibility: 'internal' }))],
    ['a split of notes', () => keep(tom.post(`${path}/split`, { message_ids: [note.id] }))],
    ['a merge of notes', () => tom.post(`/v1/tickets/${note.id}/merge`, { into_ticket_id: path.split('/').at(-1) })],
    ['its undo', () => tom.post(`/v1/tickets/${note.id}/unmerge`)],
    ['a child', () => tom.post(`${path}/links`, { ticket_id: note.id, kind: 'child' })],
    ['tags', () => tom.post(`${path}/tags`, { tags: ['vip', 'fire'] })],
    ['a tag less', () => tom.delete(`${path}/tags/fire`)],
    ['a claim', () => tom.post(`${path}/claim`)],
    ['a release', () => tom.post(`${path}/release`)],
    ['an assignment', () => tom.patch(path, { assignee_id: tim.id })],
    ['another assignment', () => tom.patch(path, { assignee_id: tom.id })],
    ['a follower', () => tom.put(`${path}/participants/${tim.id}`, { role: 'follower' })],
    ['what a follower wants to hear', () => tim.patch(`${path}/participants/${tim.id}`, { notify: 'none' })],
    ['a note that calls an agent', () => tom.post(`${path}/messages`, { body: `@${tim.id}, vip`, visibility: 'internal' })],
    ['a follower less', () => tom.delete(`${path}/participants/${tim.id}?role=follower`)],
    ['a due time', () => tom.patch(path, { due_at: '2027-01-01T00:00:00Z' })],
    ['skills', () => tom.put(`${path}/skills`, { skills: ['vip'], relax_after_seconds: 60 })],
    ['a macro of a note and tags', () => tom.post(`/v1/macros/${macro}/apply`, { ticket_id: path.slice(12) })],
    ['a look at what a reply would change', () => tom.post(`/v1/macros/${reply}/preview`, { ticket_id: path.slice(12) })],
    ['metadata', () => tom.patch(path, { metadata: { order: '77' } })],
    ['an external id', () => tom.patch(path, { external_id: `ext-${path.slice(-5)}` })],
    ['a value of an inner field', () => tom.patch(path, { fields: { inner: 'vip' } })],
    ['another value', () => tom.patch(path, { fields: { inner: 'note' } })],
    ['a type', () => tom.patch(path, { type_id: incident, fields: { inner: null } })],
    ['all at once', () => tom.patch(path, { external_id: null, metadata: null, assignee_id: null, type_id: null })],
  ]
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person, type Reply } from '../../../test/desk.ts'
import { placesOf } from '../../../test/places.ts'
import { systemActor } from '../../platform/actor.ts'
import { searchTerms } from '../../platform/database/search.ts'
import { redactMessage } from './commands/redact-message.ts'

async function openShop(desk: Desk, { subject = 'A card', body = 'It does not work.' } = {}) {
  const root = await desk.person({ role: 'admin' })
  const tom = await desk.person({ role: 'agent' })
  const ada = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', { subject, body })
  await desk.announcements()
  const path = `/v1/tickets/${ticket.id}`
  const redact = (message: { id: string }, passage: string, headers?: Record<string, string>): Promise<Reply> =>
    root.post(`${path}/messages/${message.id}/redact`, { passage }, headers)
  return { root, tom, ada, path, ticket_id: String(ticket.id), redact }
}

async function keepMail(desk: Desk, text: string): Promise<void> {
  const mail = { id: 'out_1', to_address: 'ada@example.com', subject: `Re: ${text}`, text, html: `<p>${text}</p>` }
  await desk.database.write((db) =>
    db
      .insertInto('outbox_mails')
      .values({ ...mail, created_at: desk.clock.now() })
      .execute(),
  )
}

const titles = (body: Json): string[] => body.data.map(({ subject }: Json) => subject)

test('a card number is gone from everywhere, and nothing tells what it was', async (t) => {
  const desk = await openDesk(t)
  const number = 'Nr4111x2222'
  const { root, tom, ada, path, redact } = await openShop(desk, { subject: `Card ${number} is refused` })
  const { body: message } = await ada.post(
    `${path}/messages`,
    { body: `**${number}** is my card. I say ${number}!` },
    { 'idempotency-key': 'k-1' },
  )
  await ada.patch(`${path}/messages/${message.id}`, { body: `It is ${number}, as I said.` }, { 'idempotency-key': 'k-2' })
  await tom.put(`${path}/draft`, { body: `Your card ${number} is blocked.` }, { 'idempotency-key': 'k-3' })
  await tom.patch(path, { priority: 'high' }, { 'idempotency-key': 'k-4' })
  await keepMail(desk, `You wrote: ${number}`)
  await desk.announcements()
  const places = await placesOf(desk, number)

  const { status, body } = await redact(message, number, { 'idempotency-key': 'k-5' })

  assert.equal(status, 200)
  assert.deepEqual(
    [body.body, body.body_html],
    ['It is [redacted], as I said.', '<p dir="auto">It is [redacted], as I said.</p>\n'],
  )
  assert.equal(body.version, 3)
  assert.ok(body.redacted_at)
  const known = ['drafts.body', 'idempotency_keys.body', 'message_revisions.body', 'messages.body', 'messages.body_html']
  const more = ['outbox_mails.html', 'outbox_mails.subject', 'outbox_mails.text', 'tickets.subject']
  for (const place of [...known, ...more]) assert.ok(places.includes(place), `it was in ${place}`)
  assert.deepEqual(await placesOf(desk, number), [])
  assert.ok(!desk.logged().includes(number))
  assert.deepEqual((await root.get(`/v1/tickets?q=${number}`)).body.data, [])
  assert.deepEqual(titles((await root.get('/v1/tickets?q=said refused')).body), ['Card [redacted] is refused'])
  assert.equal((await ada.get(`${path}/messages/${message.id}`)).body.redacted_at, body.redacted_at)
  assert.deepEqual(
    (await tom.get(`${path}/messages/${message.id}/revisions`)).body.data.map((one: Json) => [one.version, one.body]),
    [[1, '**[redacted]** is my card. I say [redacted]!']],
  )
  const draft = (await tom.get(`${path}/draft`)).body
  assert.deepEqual([draft.body, draft.version], ['Your card [redacted] is blocked.', 2])
  const [first, second] = await desk.announcements()
  assert.deepEqual([first?.type, first?.visibility, first?.actor_id], ['message.redacted', 'public', root.id])
  assert.deepEqual(first?.data, { message_id: message.id, author_id: ada.id, visibility: 'public' })
  assert.deepEqual([second?.type, second?.visibility, second?.data], ['ticket.updated', 'public', { changed: ['subject'] }])
})

test('a retry of what was redacted since is told that it was done, and does nothing twice', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path, redact } = await openShop(desk)
  const post = () => ada.post(`${path}/messages`, { body: 'My pass phrase is swordfish.' }, { 'idempotency-key': 'k-1' })
  const { body: message } = await post()
  const other = () => tom.post(`${path}/messages`, { body: 'Thank you.' }, { 'idempotency-key': 'k-2' })
  const { body: thanks } = await other()

  await redact(message, 'swordfish')
  const again = await post()

  assert.deepEqual([again.status, again.body.code], [409, 'idempotency_answer_gone'])
  assert.equal(again.body.location, `${path}/messages/${message.id}`)
  assert.equal((await other()).body.id, thanks.id)
  assert.equal((await ada.get(path)).body.message_count, 3)
})

for (const passage of ['<b>&"x"', 'two\nlines', '*very* [secret](https://x.example)', '打印机', '$&', "it's \\ 100%_"])
  test(`a passage with marks in it is taken out as it is written: ${JSON.stringify(passage)}`, async (t) => {
    const desk = await openDesk(t)
    const { tom, ada, path, redact } = await openShop(desk)
    const { body: message } = await ada.post(
      `${path}/messages`,
      { body: `Before ${passage} after` },
      { 'idempotency-key': 'k-1' },
    )
    await tom.put(`${path}/draft`, { body: `> ${passage}` }, { 'idempotency-key': 'k-2' })

    const { body } = await redact(message, passage)

    assert.equal(body.body, 'Before [redacted] after')
    assert.deepEqual(await placesOf(desk, passage), [])
    assert.deepEqual((await desk.query('select body from drafts'))[0], { body: '> [redacted]' })
  })

test('a retracted message is redacted in what it said, on a closed ticket and years later', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path } = await openShop(desk)
  const { body: message } = await tom.post(`${path}/messages`, { body: 'The door code is 9931.' })
  await tom.delete(`${path}/messages/${message.id}`)
  await ada.post(`${path}/close`)
  desk.clock.advance(3 * 365 * 86_400_000)
  const grace = await desk.person({ role: 'admin' })

  const { status, body } = await grace.post(`${path}/messages/${message.id}/redact`, { passage: '9931' })

  assert.deepEqual([status, body.body, body.body_html], [200, '', ''])
  assert.deepEqual(await placesOf(desk, '9931'), [])
  await desk.announced(['message.redacted'])
})

test('of a redacted note nobody on the public side notices anything, not even in what he was writing himself', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path, redact } = await openShop(desk)
  await ada.put(`${path}/draft`, { body: 'I think it is the fuser.' })
  await tom.put(`${path}/draft`, { body: 'It is not the fuser.' })
  const { body: note } = await tom.post(`${path}/messages`, { body: 'It is the fuser.', visibility: 'internal' })
  const mine = () => ada.post(`${path}/messages`, { body: 'Is it the fuser?' }, { 'idempotency-key': 'k-1' })
  await mine()
  const paths = ['', '/messages', '/draft', '/events'].map((rest) => path + rest)
  const read = () => Promise.all(paths.map(async (one) => (await ada.get(one)).body))
  await desk.settle()
  const before = await read()

  assert.equal((await redact(note, 'the fuser')).status, 200)

  await desk.settle()
  assert.deepEqual(await read(), before)
  assert.equal((await mine()).headers['idempotent-replayed'], 'true')
  assert.equal((await tom.get(`${path}/draft`)).body.body, 'It is not [redacted].')
  const last = (await desk.announcements()).at(-1)
  assert.deepEqual([last?.type, last?.visibility], ['message.redacted', 'internal'])
})

test('only an admin redacts, and only what is there', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, root, path, redact } = await openShop(desk)
  const { body: message } = await ada.post(`${path}/messages`, { body: 'My name is Ada.' })
  await desk.announcements()

  for (const person of [tom, ada])
    assert.equal((await person.post(`${path}/messages/${message.id}/redact`, { passage: 'Ada' })).status, 403)
  for (const [passage, code] of [
    ['ada', 'not_found'],
    ['A', 'too_short'],
    ['A ', 'invalid'],
    ['x'.repeat(1001), 'too_long'],
  ] as const) {
    const { status, body, text } = await redact(message, passage)
    assert.deepEqual([status, body.errors[0].pointer, body.errors[0].code], [422, '/passage', code])
    assert.ok(passage.length < 4 || !text.includes(passage))
  }
  assert.equal((await redact(message, 'Ada', { 'if-match': '"v7"' })).status, 412)
  assert.equal((await redact({ id: 'msg_01kb2m8h5zf3v9w4q7n1x6c0td' }, 'Ada')).status, 404)
  assert.equal((await root.get(`${path}/messages/${message.id}`)).body.redacted_at, null)
  await desk.announced([])
})

test('a message that was edited in the meantime is not given the HTML of its old text', async (t) => {
  const desk = await openDesk(t)
  const { ada, path, ticket_id } = await openShop(desk)
  const { body: message } = await ada.post(`${path}/messages`, { body: 'My card is 4111.' })
  const read = { ticket: ticket_id, message: message.id, passage: '4111', from: 'My card is 4111.' }
  const text = { body: 'My card is [redacted].', body_html: '<p>My card is [redacted].</p>' }
  await ada.patch(`${path}/messages/${message.id}`, { body: 'My card is 4111, or was.' })

  const late = desk.app.transact((tx) => redactMessage(tx, systemActor, { ...read, text }))

  await assert.rejects(late, { code: 'conflict' })
  assert.equal((await ada.get(`${path}/messages/${message.id}`)).body.body, 'My card is 4111, or was.')
})

test('who works on a ticket reads what its messages said before; others do not', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ada, path } = await openShop(desk)
  const rita = await desk.person({ role: 'agent' })
  const team = (await root.post('/v1/teams', { name: 'First line' })).body.id
  await root.put(`/v1/teams/${team}/members/${tom.id}`)
  const queue_id = (await root.post('/v1/queues', { key: 'first', name: 'First', team_ids: [team] })).body.id
  await root.patch(path, { queue_id })
  await root.put(`${path}/participants/${rita.id}`, { role: 'cc' })
  const { body: message } = await ada.post(`${path}/messages`, { body: 'One' })
  const revisions = `${path}/messages/${message.id}/revisions`
  for (const body of ['Two', 'Three', 'Four']) await ada.patch(`${path}/messages/${message.id}`, { body })
  await ada.delete(`${path}/messages/${message.id}`)

  const walked: Json[] = []
  for (let next: string | undefined = `${revisions}?limit=3`; next; ) {
    const { body, headers }: Reply = await tom.get(next)
    walked.push(...body.data)
    next = /<([^>]+)>/.exec(headers.link ?? '')?.[1]
  }

  assert.deepEqual(
    walked.map(({ body, version, replaced_by }) => [version, body, replaced_by.id]),
    ['One', 'Two', 'Three', 'Four'].map((body, i) => [i + 1, body, ada.id]),
  )
  // An agent who merely takes part sees the message, but not that, and takes nothing from a side that is his own, too.
  const { body: ritas } = await rita.post(`${path}/messages`, { body: 'May I help?' })
  assert.equal((await rita.patch(`${path}/messages/${ritas.id}`, { visibility: 'internal' })).status, 403)
  assert.deepEqual([(await rita.get(`${path}/messages/${message.id}`)).status, (await rita.get(revisions)).status], [200, 404])
  assert.equal((await ada.get(revisions)).status, 403)
})

test('the words of a passage are no terms of search any more, unless they stand elsewhere', () => {
  // What the scan above looks for in the index of a server: its tokens hold the words of ascii as they are.
  assert.deepEqual(searchTerms('Nr4111x2222'), ['zqnr4111x2222'])
})

const shownTo = async (person: Person, path: string): Promise<Json[]> => (await person.get(path)).body.data

test('a reply that was meant as a note is taken from the public side, which is told no more than that', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ada, path } = await openShop(desk)
  desk.clock.advance(1000)
  const { body: reply } = await tom.post(`${path}/messages`, { body: 'She is wrong, as always.' }, { 'idempotency-key': 'k-1' })
  const before = (await ada.get(path)).body
  desk.clock.advance(1000)
  await desk.announcements()

  const { status, body } = await tom.patch(`${path}/messages/${reply.id}`, { visibility: 'internal' })

  assert.deepEqual([status, body.visibility, body.version], [200, 'internal', 2])
  assert.equal((await ada.get(`${path}/messages/${reply.id}`)).status, 404)
  assert.equal((await shownTo(ada, `${path}/messages`)).length, 1)
  const after = (await ada.get(path)).body
  assert.deepEqual([before.message_count, after.message_count], [2, 1])
  assert.equal(after.version, before.version + 1)
  assert.equal(after.last_message_at, after.created_at)
  const { message_count, last_message_at } = (await root.get(path)).body
  assert.deepEqual([message_count, last_message_at], [2, before.last_message_at])
  assert.deepEqual([await shownTo(ada, '/v1/tickets?q=always'), (await shownTo(tom, '/v1/tickets?q=always')).length], [[], 1])
  const [gone, made] = await desk.announcements()
  assert.deepEqual([gone?.type, gone?.visibility, gone?.data], ['message.withdrawn', 'public', { message_id: reply.id }])
  assert.deepEqual([made?.type, made?.visibility], ['message.made_internal', 'internal'])
  const events = await shownTo(ada, `${path}/events?include=object`)
  assert.deepEqual([events.at(-1)?.type, events.at(-1)?.object], ['message.withdrawn', null])
  assert.ok(!JSON.stringify(events).includes('always'))
  const again = await tom.post(`${path}/messages`, { body: 'She is wrong, as always.' }, { 'idempotency-key': 'k-1' })
  assert.deepEqual([again.status, again.body.code], [409, 'idempotency_answer_gone'])
  // Once more is no change.
  assert.equal((await tom.patch(`${path}/messages/${reply.id}`, { visibility: 'internal' })).body.version, 2)
  await desk.announced([])
})

test('its author withdraws a message in time, an admin whenever he likes, and nobody makes a note public', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ada, path } = await openShop(desk)
  const { body: first } = await tom.post(`${path}/messages`, { body: 'One' })
  const { body: adas } = await ada.post(`${path}/messages`, { body: 'Two' })
  const tim = await desk.person({ role: 'agent' })
  const hide = (person: Person, { id }: { id: string }, more = {}) =>
    person.patch(`${path}/messages/${id}`, { visibility: 'internal', ...more })

  assert.equal((await hide(ada, adas)).status, 422)
  for (const [person, message] of [
    [tim, first],
    [tom, adas],
  ] as const)
    assert.equal((await hide(person, message)).status, 403)
  assert.equal((await tom.patch(`${path}/messages/${first.id}`, { visibility: 'public' })).status, 422)
  assert.equal((await tom.patch(`${path}/messages/${first.id}`, {})).status, 422)
  assert.equal((await hide(root, adas, { body: 'Not hers.' })).status, 403)
  await root.patch('/v1/settings', { message_edit_seconds: 60 })
  desk.clock.advance(120_000)
  assert.deepEqual((await hide(tom, first)).body.code, 'edit_window_over')
  await ada.post(`${path}/close`)
  await desk.announcements()
  assert.equal((await hide(root, first)).status, 200)
  assert.equal((await hide(root, adas)).status, 200)
  assert.equal((await ada.get(`${path}/messages/${adas.id}`)).status, 404)
  await desk.announced(['message.withdrawn', 'message.made_internal', 'message.withdrawn', 'message.made_internal'])
})

test('a message that is changed and withdrawn at once tells the public side only that it is gone', async (t) => {
  const desk = await openDesk(t)
  const { tom, path } = await openShop(desk)
  const { body: reply, headers } = await tom.post(`${path}/messages`, { body: 'She is wrong.' })
  await desk.announcements()

  const changes = { body: 'Ada may be wrong.', visibility: 'internal' }
  const { body } = await tom.patch(`${path}/messages/${reply.id}`, changes, { 'if-match': headers.etag ?? '' })

  assert.deepEqual([body.body, body.visibility, body.version], ['Ada may be wrong.', 'internal', 3])
  const told = (await desk.announcements()).map(({ type, visibility }) => `${visibility} ${type}`)
  assert.deepEqual(told, ['public message.withdrawn', 'internal message.made_internal', 'internal message.edited'])
})

test('a draft that was based on a withdrawn message does not name it to a requester', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path } = await openShop(desk)
  const { body: reply } = await tom.post(`${path}/messages`, { body: 'One' })
  await ada.put(`${path}/draft`, { body: 'But' })
  assert.equal((await ada.get(`${path}/draft`)).body.last_message_id, reply.id)

  await tom.patch(`${path}/messages/${reply.id}`, { visibility: 'internal' })

  const { body } = await ada.get(`${path}/draft`)
  assert.deepEqual([body.last_message_id, body.is_stale], [null, false])
})

test('the name under which a file was uploaded is gone from the answer to its upload, too, and from names that are written otherwise', async (t) => {
  const desk = await openDesk(t)
  const { ada, path, redact } = await openShop(desk)
  const composed = 'Ren\u00e9e'
  const passage = composed.normalize('NFD')
  const upload = () => ada.upload({ name: `${passage} 1.txt`, content: 'a' }, { 'idempotency-key': 'k' })
  const { id, name } = (await upload()).body
  assert.equal(name, `${composed} 1.txt`)
  const message = (await ada.post(`${path}/messages`, { body: `About ${passage}`, attachment_ids: [id] })).body
  await desk.announcements()

  const answer = await redact(message, passage)
  assert.equal(answer.body.attachments[0].name, '[redacted] 1.txt')
  await desk.announced(['message.redacted'])

  for (const form of [composed, passage]) assert.deepEqual(await placesOf(desk, form), [])
  const again = await upload()
  assert.deepEqual(
    [again.status, again.body.code, again.body.location],
    [409, 'idempotency_answer_gone', `/v1/attachments/${id}`],
  )
})

test('what a merged ticket was called is redacted with the message that came from it', async (t) => {
  const desk = await openDesk(t)
  const { root, ada, path, ticket_id, redact } = await openShop(desk)
  const number = '4111 1111 1111 1111'
  const other = (await ada.post('/v1/tickets', { subject: `Card ${number}`, body: `It is ${number}.` })).body
  assert.equal((await root.post(`/v1/tickets/${other.id}/merge`, { into_ticket_id: ticket_id })).status, 200)
  const message = (await root.get(`${path}/messages`)).body.data.find(({ body }: Json) => body.includes(number))
  await desk.announcements()

  assert.equal((await redact(message, number)).status, 200)

  assert.deepEqual(await placesOf(desk, number), [])
  assert.equal((await root.get(`/v1/tickets/${other.id}`)).body.subject, 'Card [redacted]')
  await desk.announced(['ticket.updated', 'message.redacted'])
})

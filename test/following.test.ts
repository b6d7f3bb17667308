import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { apply, type Held, load, nothing } from '../examples/apply.js'
import { follow } from '../examples/follow.js'
import { type Cutter, openCutter } from './cutter.ts'
import { type Caller, type Desk, type Json, openDesk, type Reply } from './desk.ts'

/** Somebody who holds tickets as the examples do. */
interface Follower {
  caller: Caller
  held: Held
  /** Which tickets he follows. */
  ids: string[]
}

async function read(caller: Caller, id: string): Promise<{ status: number; body: Json }> {
  const { status, body } = await caller.get(`/v1/tickets/${id}?include=messages`)
  // What he has not read is no part of the ticket: it is told with what is read, and not with events.
  const { unread_count: _, ...rest } = body
  return { status, body: rest }
}

/** Lets a follower catch up with the log, and reads anew what he is told to. */
async function catchUp(desk: Desk, { caller, held, ids }: Follower): Promise<void> {
  await desk.settle()
  for (let page: Json = { has_more: true, next_after: held.position }; page.has_more; ) {
    page = (await caller.get(`/v1/events?include=object,ticket&after=${page.next_after}`)).body
    for (const event of page.data) if (ids.includes(event.ticket_id)) apply(held, event)
    held.position = page.next_after
  }
  for (const id of held.stale) load(held, (await read(caller, id)).body)
}

/** What he holds of a ticket, as a snapshot has it. */
function shown({ held }: Follower, id: string): Json {
  const messages = [...held.messages.values()].filter(({ ticket_id }) => ticket_id === id)
  return { ...held.tickets.get(id), messages: messages.sort((a, b) => (a.created_at < b.created_at ? -1 : 1)) }
}

test('a snapshot and the events after it make what a fresh snapshot says, for staff and for the requester', async (t) => {
  const desk = await openDesk(t)
  const agent = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const raise = async (subject: string) => (await ada.post('/v1/tickets', { subject, body: 'It burns.' })).body.id as string
  const [one, two] = [await raise('One'), await raise('Two')]
  await desk.settle()
  const position = (await agent.get('/v1/events?limit=100')).body.next_after
  const followers: Follower[] = []
  for (const caller of [agent, ada])
    for (const ids of [[one, two], [one], [two]]) {
      const held = nothing()
      for (const id of ids) load(held, { ...(await read(caller, id)).body, position })
      followers.push({ caller, held, ids })
    }
  const say = async (id: string, name: string, body: Json) => {
    const reply = await agent.post(`/v1/tickets/${id}/messages`, body)
    ids[name] = reply.body.id
    return reply
  }
  const ids: Record<string, string> = {}
  const acts: [string, () => Promise<Reply>][] = [
    ['a reply', () => say(one, 'reply', { body: 'Pull the plug.' })],
    ['a note', () => say(one, 'note', { body: 'canary', visibility: 'internal' })],
    ['an edit', () => agent.patch(`/v1/tickets/${one}/messages/${ids.reply}`, { body: 'Pull the plug, please.' })],
    ['a status', () => agent.patch(`/v1/tickets/${one}`, { status: 'pending' })],
    ['what staff alone see', () => agent.post(`/v1/tickets/${one}/tags`, { tags: ['fire'] })],
    ['another reply', () => say(two, 'other', { body: 'Smoke, too?' })],
    ['a merge', () => agent.post(`/v1/tickets/${two}/merge`, { into_ticket_id: one })],
    ['a reply after it', () => say(one, 'late', { body: 'Both now.' })],
    ['the way back', () => agent.post(`/v1/tickets/${two}/unmerge`)],
    ['a split', () => agent.post(`/v1/tickets/${one}/split`, { message_ids: [ids.late], subject: 'Three' })],
    ['made internal', () => agent.patch(`/v1/tickets/${one}/messages/${ids.reply}`, { visibility: 'internal' })],
    ['taken back', () => agent.delete(`/v1/tickets/${two}/messages/${ids.other}`)],
    ['deleted', () => agent.delete(`/v1/tickets/${two}`)],
  ]

  for (const [what, act] of acts) {
    desk.clock.advance(1000)
    const { status, text } = await act()
    assert.ok(status < 300, `${what}: ${text}`)
    for (const follower of followers) {
      await catchUp(desk, follower)
      for (const id of follower.ids) {
        const fresh = await read(follower.caller, id)
        if (fresh.status === 404) assert.deepEqual(shown(follower, id), { messages: [] }, what)
        else {
          const mine = fresh.body.messages.filter(({ ticket_id }: Json) => ticket_id === id)
          assert.deepEqual(shown(follower, id), { ...fresh.body, messages: mine }, what)
        }
      }
    }
  }
  for (const { caller, held } of followers)
    if (caller === ada) assert.doesNotMatch(JSON.stringify([...held.messages.values()]), /canary/)
})

test('a repeat changes nothing, and an older object does not come back over a newer one', () => {
  const held = nothing()
  const ticket = { id: 'tkt_1', object: 'ticket', version: 2 }
  const event = {
    position: 5,
    type: 'ticket.updated',
    subject: { type: 'ticket', id: 'tkt_1' },
    ticket_id: 'tkt_1',
    object: ticket,
  }
  load(held, { ...ticket, messages: [], position: 4 })

  apply(held, event)
  apply(held, { ...event, object: { ...ticket, version: 9 } })
  apply(held, { ...event, position: 6, object: { ...ticket, version: 1 } })

  assert.equal(held.tickets.get('tkt_1')?.version, 2)
  assert.equal(held.position, 6)
})

/** A desk that listens on a port, and a way to it that can be cut. */
async function openCuttableDesk(t: TestContext): Promise<{ desk: Desk; url: string; cutter: Cutter }> {
  const desk = await openDesk(t)
  await desk.app.server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = desk.app.server.server.address() as AddressInfo // it listens on a port
  const cutter = await openCutter(port)
  t.after(() => cutter.close())
  return { desk, cutter, url: `http://127.0.0.1:${cutter.port}` }
}

/** Lets a test wait for what a listener is told. */
function createWatch() {
  let look = () => {}
  return {
    look: () => look(),
    async until(holds: () => boolean): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>()
      look = () => {
        if (holds()) resolve()
      }
      look()
      await promise
    },
  }
}

test('a client whose connection is cut gets what it missed, and what it said meanwhile is said once', {
  timeout: 60_000,
}, async (t) => {
  const { desk, url, cutter } = await openCuttableDesk(t)
  const ada = await desk.person()
  const agent = await desk.person({ role: 'agent' })
  const { id } = (await ada.post('/v1/tickets', { subject: 'Fire', body: 'It burns.' })).body
  const { look, until } = createWatch()
  const moves: string[] = []
  const acks: Json[] = []
  let ended: Json = null
  let refreshed: Json = null
  const talk = follow({
    url,
    ticket: id,
    session: { access_token: ada.token, refresh_token: ada.refresh_token },
    listener: {
      changed: look,
      heard(frame) {
        if (frame.type === 'ack') acks.push(frame)
        look()
      },
      moved(state) {
        moves.push(state)
        look()
      },
      refreshed(session) {
        refreshed = session
      },
      ended(problem) {
        ended = problem
        look()
      },
    },
  })
  t.after(() => talk.stop())
  const bodies = () => [...talk.held.messages.values()].map(({ body }) => body).sort()

  await until(() => moves.at(-1) === 'connected')
  await agent.post(`/v1/tickets/${id}/messages`, { body: 'Pull the plug.' })
  await until(() => bodies().length === 2)
  cutter.cut()
  await until(() => moves.at(-1) === 'away')
  await agent.post(`/v1/tickets/${id}/messages`, { body: 'Are you there?' })
  await agent.post(`/v1/tickets/${id}/messages`, { body: 'canary', visibility: 'internal' })
  const client_id = talk.send('I was away.')
  // By now the access token is too old.
  desk.clock.advance(60 * 60 * 1000)
  cutter.mend()
  await until(() => acks.length === 1 && bodies().length === 4)

  assert.deepEqual(bodies(), ['Are you there?', 'I was away.', 'It burns.', 'Pull the plug.'])
  assert.deepEqual([acks[0].client_id, acks[0].status, acks[0].message.client_id], [client_id, 201, client_id])
  assert.ok(refreshed.refresh_token !== ada.refresh_token)
  const fresh = await desk.bearer(refreshed.access_token).get(`/v1/tickets/${id}?include=messages`)
  assert.deepEqual(
    fresh.body.messages.map((message: Json) => talk.held.messages.get(message.id)),
    fresh.body.messages,
  )
  assert.equal(ended, null)

  const revoked = await desk.bearer(refreshed.access_token).delete(`/v1/me/sessions/${ada.session_id}`)
  assert.ok(revoked.status < 300)
  await until(() => ended !== null)
  assert.equal(JSON.stringify(ended).includes('invalid_refresh_token'), true)
})

test('the program for a terminal shows what is said, and says what is typed', { timeout: 60_000 }, async (t) => {
  const { desk, url } = await openCuttableDesk(t)
  const ada = await desk.person({ name: 'Ada' })
  const admin = await desk.person({ role: 'admin' })
  const { id, number } = (await ada.post('/v1/tickets', { subject: 'Fire', body: 'It burns.' })).body
  const scopes = ['events:read', 'tickets:read', 'tickets:write']
  const { secret } = (await admin.post('/v1/api-keys', { name: 'Terminal', scopes })).body
  const env = { ...process.env, BECKON_URL: url, API_KEY: secret }
  const program = spawn(process.execPath, ['examples/node/talk.js', String(number)], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => program.kill())
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]()
  const heard: string[] = []
  const until = async (line: string) => {
    while (heard.at(-1) !== line) heard.push((await lines.next()).value ?? assert.fail(heard.join('\n')))
  }

  await until('+ Ada: It burns.')
  program.stdin.write('Pull the plug.\n')
  await until('+ Terminal: Pull the plug.')
  await ada.post(`/v1/tickets/${id}/messages`, { body: 'Done.' })
  await until('+ Ada: Done.')
  program.stdin.end()
  const [code] = await once(program, 'exit')

  assert.equal(code, 0)
})

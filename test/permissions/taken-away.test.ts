import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Caller, type Desk, type Json, openDesk, type Person, type Reply } from '../desk.ts'
import { listen } from '../listener.ts'

/** Somebody who sees a ticket until something is done. */
interface Loss {
  name: string
  token: string
  ticket: string
  take(): Promise<{ status: number; text: string }>
  /** What the ticket answers to him then. */
  left: 401 | 404
}

test('a right that is taken away ends within a second, on every node', async (t) => {
  // The nodes run by the real clock, the desk stands still at the same moment.
  const desk = await openDesk(t, { startAt: Date.now() })
  const nodes = [await desk.node(), await desk.node()]
  const losses = await prepareLosses(desk)
  for (const { name, token, ticket } of losses)
    for (const node of nodes) {
      assert.equal((await node.bearer(token).get(`/v1/tickets/${ticket}`)).status, 200, name)
      for (const answer of await readAround(node.bearer(token))) assert.ok(answer.text.includes(ticket), name)
    }
  // Said once before and once after the loss.
  const kept = async ({ token, ticket }: Loss, caller: Caller = desk.bearer(token)) =>
    caller.post(`/v1/tickets/${ticket}/messages`, { body: 'Kept.' }, { 'idempotency-key': `kept ${ticket}` })
  for (const loss of losses) assert.equal((await kept(loss)).status, 201, loss.name)

  for (const { name, take } of losses) {
    const { status, text } = await take()
    assert.ok(status < 300, `${name}: ${text}`)
  }
  await wait(1000)

  for (const loss of losses)
    for (const node of nodes) {
      const { name, ticket, left } = loss
      const caller = node.bearer(loss.token)
      assert.equal((await caller.get(`/v1/tickets/${ticket}`)).status, left, name)
      assert.equal((await kept(loss, caller)).status, left, `${name}: a kept answer`)
      for (const answer of await readAround(caller)) {
        if (left === 401) assert.equal(answer.status, 401, name)
        assert.equal(answer.text.includes(ticket), false, name)
      }
    }
})

test('a right that is taken away is gone from the streams of every node before anything else is told, also where one stands still', async (t) => {
  const desk = await openDesk(t, { startAt: Date.now() })
  const root = await desk.person({ role: 'admin' })
  const nodes = [desk, await desk.node(), await desk.node()]
  const losses = await prepareLosses(desk)
  await desk.settle()
  const ears = []
  for (const loss of losses)
    for (const node of nodes)
      for (const isStalled of [false, true]) {
        const topics = ['all', 'me', `ticket:${loss.ticket}`]
        ears.push({ ...loss, node, isStalled, listener: await listen(node, loss.token, { topics }) })
      }
  const sayAll = async (body: string) => {
    for (const { ticket } of losses)
      for (const visibility of ['public', 'internal'])
        assert.equal((await root.post(`/v1/tickets/${ticket}/messages`, { body: `${body} ${ticket}`, visibility })).status, 201)
  }
  const settle = async () => {
    await desk.settle()
    for (const { app } of nodes) await app.hub.settle()
  }
  await sayAll('Before:')
  await settle()
  for (const { listener, isStalled } of ears) if (isStalled) listener.clog(100_000)
  await sayAll('Meanwhile:')
  await settle()

  for (const { name, take } of losses) assert.ok((await take()).status < 300, name)
  await sayAll('Afterwards:')
  await settle()
  for (const { listener } of ears) listener.clog(0)
  await settle()

  for (const { name, ticket, left, node, isStalled, listener } of ears) {
    const what = `${name}, on node ${nodes.indexOf(node)}${isStalled ? ', standing still' : ''}`
    const hasHeard = (said: string) => listener.text().includes(`${said}: ${ticket}`)
    assert.deepEqual([hasHeard('Before'), hasHeard('Meanwhile'), hasHeard('Afterwards')], [true, !isStalled, false], what)
    assert.equal(listener.ended(), left === 401 ? 'signed_out' : undefined, what)
    const isTold = ({ type, ticket_id, topics }: Json): boolean =>
      (type === 'left' && ticket_id === ticket) || (type === 'unsubscribed' && topics.includes(`ticket:${ticket}`))
    if (left === 404) assert.ok(listener.frames.some(isTold), what)
  }
})

/** Where a ticket shows itself without being named. */
async function readAround(caller: Caller): Promise<Reply[]> {
  const found: Reply[] = []
  for (const path of ['tickets', 'tickets?q=help', 'events?limit=100&type=ticket.created'])
    found.push(await caller.get(`/v1/${path}`))
  return found
}

async function prepareLosses(desk: Desk): Promise<Loss[]> {
  const root = await desk.person({ role: 'admin' })
  const losses: Loss[] = []
  const nowhere = (await root.post('/v1/teams', { name: 'Nobody' })).body.id
  const elsewhere = (await root.post('/v1/queues', { key: 'elsewhere', name: 'Elsewhere', team_ids: [nowhere] })).body.id
  // Without a team the default queue would be open to every agent.
  const { id: general } = (await root.get('/v1/queues?key=general')).body.data[0]
  await root.patch(`/v1/queues/${general}`, { team_ids: [nowhere] })

  /** A ticket in a queue of its own, whose team has this agent. */
  const teamed = async (agent: Person) => {
    const team = (await root.post('/v1/teams', { name: 'A team' })).body.id
    await root.put(`/v1/teams/${team}/members/${agent.id}`)
    const queue = (await root.post('/v1/queues', { key: `q${losses.length}`, name: 'A queue', team_ids: [team] })).body.id
    return { team, queue, ticket: await raise(queue) }
  }
  const raise = async (queue_id: string, by: Caller = root): Promise<string> =>
    (await by.post('/v1/tickets', { subject: 'Help', body: 'Please.', queue_id })).body.id
  const lose = (name: string, { token }: { token: string }, rest: Omit<Loss, 'name' | 'token'>) =>
    losses.push({ name, token, ...rest })
  const agent = () => desk.person({ role: 'agent' })

  const tess = await agent()
  const hers = await teamed(tess)
  lose('out of the team', tess, {
    ticket: hers.ticket,
    take: () => root.delete(`/v1/teams/${hers.team}/members/${tess.id}`),
    left: 404,
  })
  const ken = await agent()
  const kens = await teamed(ken)
  lose('the queue has another team', ken, {
    ticket: kens.ticket,
    take: () => root.patch(`/v1/queues/${kens.queue}`, { team_ids: [nowhere] }),
    left: 404,
  })
  const mia = await agent()
  const mias = await teamed(mia)
  lose('the ticket goes elsewhere', mia, {
    ticket: mias.ticket,
    take: () => root.patch(`/v1/tickets/${mias.ticket}`, { queue_id: elsewhere }),
    left: 404,
  })
  const deactivated = await agent()
  lose('deactivated', deactivated, {
    ticket: (await teamed(deactivated)).ticket,
    take: () => root.patch(`/v1/users/${deactivated.id}`, { active: false }),
    left: 401,
  })
  const demoted = await agent()
  lose('no agent any more', demoted, {
    ticket: (await teamed(demoted)).ticket,
    take: () => root.patch(`/v1/users/${demoted.id}`, { role: 'requester' }),
    left: 404,
  })
  const follower = await agent()
  const followed = await raise(elsewhere)
  await root.put(`/v1/tickets/${followed}/participants/${follower.id}`, { role: 'follower' })
  lose('follows no longer', follower, {
    ticket: followed,
    take: () => root.delete(`/v1/tickets/${followed}/participants/${follower.id}?role=follower`),
    left: 404,
  })
  const assignee = await agent()
  const assigned = await raise(elsewhere)
  await root.patch(`/v1/tickets/${assigned}`, { assignee_id: assignee.id })
  lose('has it no longer', assignee, {
    ticket: assigned,
    take: () => root.post(`/v1/tickets/${assigned}/release`),
    left: 404,
  })
  const cara = await desk.person()
  const shared = await raise(elsewhere)
  await root.put(`/v1/tickets/${shared}/participants/${cara.id}`)
  lose('takes no part any more', cara, {
    ticket: shared,
    take: () => cara.delete(`/v1/tickets/${shared}/participants/${cara.id}`),
    left: 404,
  })
  const heir = await desk.person()
  const former = await desk.person()
  const given = await raiseOwn(former)
  lose('the ticket is somebody else’s now', former, {
    ticket: given,
    take: () => root.patch(`/v1/tickets/${given}`, { requester_id: heir.id }),
    left: 404,
  })
  await loseAsManager(desk, root, lose)

  const leaver = await desk.person()
  lose('logged out', leaver, { ticket: await raiseOwn(leaver), take: () => leaver.post('/v1/auth/logout'), left: 401 })
  const thief = await desk.person()
  const session = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, thief.id))
  lose(
    'signed out from another device',
    { token: session.access_token },
    {
      ticket: await raiseOwn(thief),
      take: () => thief.delete(`/v1/me/sessions/${session.id}`),
      left: 401,
    },
  )
  const key = (await root.post('/v1/api-keys', { name: 'A program' })).body
  const open = (await root.post('/v1/queues', { key: 'open', name: 'Open' })).body.id
  lose(
    'a revoked key',
    { token: key.secret },
    {
      ticket: await raise(open),
      take: () => root.delete(`/v1/api-keys/${key.id}`),
      left: 401,
    },
  )
  return losses
}

async function raiseOwn(by: Caller): Promise<string> {
  return (await by.post('/v1/tickets', { subject: 'Help', body: 'Please.' })).body.id
}

async function loseAsManager(
  desk: Desk,
  root: Caller,
  lose: (name: string, who: Person, rest: Omit<Loss, 'name' | 'token'>) => void,
): Promise<void> {
  const acme = (await root.post('/v1/organizations', { name: 'Acme' })).body.id
  const mona = await desk.person({ organization_id: acme, organization_role: 'manager' })
  const [ada, heir] = [await desk.person({ organization_id: acme }), await desk.person()]
  const given = await raiseOwn(ada)
  const take = () => root.patch(`/v1/tickets/${given}`, { requester_id: heir.id })
  lose('the ticket is another organization’s now', mona, { ticket: given, take, left: 404 })
  for (const [name, change] of [
    ['manages no longer', { organization_role: 'member' }],
    ['left the organization', { organization_id: null }],
  ] as const) {
    const organization_id = (await root.post('/v1/organizations', { name: 'Acme' })).body.id
    const mona = await desk.person({ organization_id, organization_role: 'manager' })
    const bob = await desk.person({ organization_id })
    lose(name, mona, { ticket: await raiseOwn(bob), take: () => root.patch(`/v1/users/${mona.id}`, change), left: 404 })
  }
}

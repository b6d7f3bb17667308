import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Caller, type Json, openDesk, type Person, type Reply } from '../../../test/desk.ts'

type Role = 'requester' | 'assignee' | 'cc' | 'follower'
/** Who takes part, by the model: what the list, the log and the rules of visibility must agree with. */
type Crowd = Map<string, Set<Role>>

const names = ['ada', 'bob', 'gina', 'tom', 'fay', 'kay'] as const
type Name = (typeof names)[number]
const person = fc.constantFrom<Name>(...names)
const agent = fc.constantFrom<Name>('tom', 'fay', 'kay')

const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), who: person, by: fc.constantFrom<Name | 'admin'>('ada', 'tom', 'admin') }),
  fc.record({ kind: fc.constant('remove' as const), who: person, by: fc.constantFrom<Name | 'admin'>('ada', 'tom', 'admin') }),
  fc.record({ kind: fc.constant('leave' as const), who: person, role: fc.constantFrom('cc', 'follower') }),
  fc.record({ kind: fc.constant('follow' as const), who: agent }),
  fc.record({ kind: fc.constant('unfollow' as const), who: agent }),
  fc.record({
    kind: fc.constant('note' as const),
    who: fc.uniqueArray(person, { maxLength: 3 }),
    by: fc.constantFrom<Name | 'admin'>('tom', 'fay', 'admin'),
  }),
  fc.record({ kind: fc.constant('reply' as const), who: person, by: fc.constantFrom<Name>('ada', 'tom', 'fay') }),
  fc.record({ kind: fc.constant('assign' as const), who: fc.option(agent) }),
  fc.record({ kind: fc.constant('give' as const), who: person }),
  fc.record({ kind: fc.constant('mute' as const), who: person }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

test('whoever is added, removed, mentioned or given the ticket, in any order: list, log and what each sees agree', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const organization_id = (await admin.post('/v1/organizations', { name: 'Acme' })).body.id
  const team = (await admin.post('/v1/teams', { name: 'First line' })).body.id
  const queue_id = (await admin.post('/v1/queues', { key: 'first', name: 'First', team_ids: [team] })).body.id
  const people: Record<Name, Person> = {
    ada: await desk.person({ organization_id }),
    bob: await desk.person({ organization_id }),
    gina: await desk.person(),
    tom: await desk.person({ role: 'agent' }),
    fay: await desk.person({ role: 'agent' }),
    kay: await desk.person({ role: 'agent' }),
  }
  await admin.put(`/v1/teams/${team}/members/${people.tom.id}`)

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const raised = await people.ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.', cc: [people.bob.id] })
      const path = `/v1/tickets/${raised.body.id}`
      await admin.patch(path, { queue_id })
      const crowd: Crowd = new Map([
        [people.ada.id, new Set<Role>(['requester'])],
        [people.bob.id, new Set<Role>(['cc'])],
      ])
      for (const one of steps) {
        const reply = await act(one, { path, admin, people })
        if (reply.status < 300) change(crowd, one, people)
      }
      await desk.settle()

      assert.deepEqual(await listed(admin, path), rolesOf(crowd))
      assert.deepEqual(rolesOf(await replayed(admin, path)), rolesOf(crowd), 'the log of the staff')
      const shown = publicPart(crowd)
      for (const [name, one] of Object.entries(people)) {
        const roles = crowd.get(one.id) ?? new Set()
        const isStaff = name === 'tom' || (one.role === 'agent' && (roles.has('assignee') || roles.has('follower')))
        const isThere = isStaff || roles.has('requester') || roles.has('cc')
        const { status, body } = await one.get(path)
        assert.deepEqual([status, 'tags' in body], [isThere ? 200 : 404, isStaff], `${name} sees it`)
        if (!isThere || isStaff) continue
        assert.deepEqual(await listed(one, path), rolesOf(shown), `what ${name} hears of the others`)
        assert.deepEqual(rolesOf(await replayed(one, path)), rolesOf(shown), `what ${name} can tell from the log`)
      }
    }),
    { numRuns: 40 },
  )
})

function act(one: Step, { path, admin, people }: { path: string; admin: Person; people: Record<Name, Person> }): Promise<Reply> {
  const caller = (name: Name | 'admin'): Caller => (name === 'admin' ? admin : people[name])
  const place = (name: Name) => `${path}/participants/${people[name].id}`
  switch (one.kind) {
    case 'add':
      return caller(one.by).put(place(one.who))
    case 'remove':
      return caller(one.by).delete(place(one.who))
    case 'leave':
      return people[one.who].delete(`${place(one.who)}?role=${one.role}`)
    case 'follow':
      return admin.put(place(one.who), { role: 'follower' })
    case 'unfollow':
      return admin.delete(`${place(one.who)}?role=follower`)
    case 'note':
      return caller(one.by).post(`${path}/messages`, { body: calling(one.who, people), visibility: 'internal' })
    case 'reply':
      return people[one.by].post(`${path}/messages`, { body: calling([one.who], people) })
    case 'assign':
      return admin.patch(path, { assignee_id: one.who === null ? null : people[one.who].id })
    case 'give':
      return admin.patch(path, { requester_id: people[one.who].id })
    case 'mute':
      return people[one.who].patch(place(one.who), { notify: 'none' })
  }
}

function calling(names: readonly Name[], people: Record<Name, Person>): string {
  return `Look, ${names.map((name, i) => `@${i % 2 === 0 ? people[name].id : people[name].email}`).join(' ')}`
}

/** What a step that was done makes of the crowd. */
function change(crowd: Crowd, one: Step, people: Record<Name, Person>): void {
  switch (one.kind) {
    case 'add':
      if (!crowd.get(people[one.who].id)?.has('requester')) enter(crowd, people[one.who].id, 'cc')
      break
    case 'remove':
      leave(crowd, people[one.who].id, 'cc')
      break
    case 'leave':
      leave(crowd, people[one.who].id, one.role as Role)
      break
    case 'follow':
      enter(crowd, people[one.who].id, 'follower')
      break
    case 'unfollow':
      leave(crowd, people[one.who].id, 'follower')
      break
    case 'note':
      for (const name of one.who) if (people[name].role === 'agent' && name !== one.by) enter(crowd, people[name].id, 'follower')
      break
    case 'assign':
      for (const id of [...crowd.keys()]) leave(crowd, id, 'assignee')
      if (one.who !== null) enter(crowd, people[one.who].id, 'assignee')
      break
    case 'give':
      for (const id of [...crowd.keys()]) leave(crowd, id, 'requester')
      leave(crowd, people[one.who].id, 'cc')
      enter(crowd, people[one.who].id, 'requester')
      break
    case 'reply':
    case 'mute':
      break
  }
}

function enter(crowd: Crowd, id: string, role: Role): void {
  crowd.set(id, (crowd.get(id) ?? new Set()).add(role))
}

function leave(crowd: Crowd, id: string, role: Role): void {
  const roles = crowd.get(id)
  roles?.delete(role)
  if (roles?.size === 0) crowd.delete(id)
}

function publicPart(crowd: Crowd): Crowd {
  const shown: Crowd = new Map()
  for (const [id, roles] of crowd) for (const role of roles) if (role === 'requester' || role === 'cc') enter(shown, id, role)
  return shown
}

/** Who takes part, by the log as somebody sees it. */
async function replayed(caller: Caller, path: string): Promise<Crowd> {
  const crowd: Crowd = new Map()
  const { data } = (await caller.get(`${path}/events?limit=100`)).body
  const becomes = (role: Role, id: string | null) => {
    for (const other of [...crowd.keys()]) leave(crowd, other, role)
    if (id !== null) enter(crowd, id, role)
  }
  for (const { type, data: facts } of data as Json[]) {
    if (type === 'ticket.created') becomes('requester', facts.requester_id)
    if (type === 'ticket.updated' && facts.requester_id !== undefined) becomes('requester', facts.requester_id)
    if (type === 'ticket.assigned') becomes('assignee', facts.assignee_id)
    if (type === 'ticket.participant_added') enter(crowd, facts.user_id, facts.role)
    if (type === 'ticket.participant_removed') leave(crowd, facts.user_id, facts.role)
  }
  return crowd
}

async function listed(caller: Caller, path: string): Promise<Record<string, Role[]>> {
  const { body } = await caller.get(`${path}/participants?limit=100`)
  return Object.fromEntries(body.data.map(({ user_id, roles }: Json) => [user_id, [...roles].sort()]))
}

function rolesOf(crowd: Crowd): Record<string, Role[]> {
  return Object.fromEntries([...crowd].map(([id, roles]) => [id, [...roles].sort()]))
}

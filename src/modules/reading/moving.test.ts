import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Caller, type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

const MINUTE = 60_000

async function raise(caller: Caller, subject: string): Promise<Json> {
  return (await caller.post('/v1/tickets', { subject, body: `${subject}.` })).body
}

async function say(caller: Caller, ticket: Json, body: string, more: object = {}): Promise<Json> {
  return (await caller.post(`/v1/tickets/${ticket.id}/messages`, { body, ...more })).body
}

/** What somebody sees of a conversation: nothing where the ticket is not his to see, as one that was split off with notes alone. */
async function read(caller: Caller, id: string): Promise<Json[]> {
  const { status, body, text } = await caller.get(`/v1/tickets/${id}/messages?limit=100`)
  assert.ok(status === 200 || status === 404, text)
  return status === 200 ? body.data : []
}

/** The last message that somebody has read, as staff see it. */
async function lastRead(staff: Caller, ticket: Json, person: Person): Promise<string | null> {
  const { body } = await staff.get(`/v1/tickets/${ticket.id}/read-marks`)
  return body.data.find(({ user_id }: Json) => user_id === person.id)?.last_read_message_id ?? null
}

async function unread(caller: Caller, ticket: Json): Promise<number> {
  return (await caller.get(`/v1/tickets/${ticket.id}`)).body.unread_count
}

async function openTwo(desk: Desk) {
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  desk.clock.advance(MINUTE)
  const smoke = await raise(ada, 'Smoke')
  desk.clock.advance(MINUTE)
  await say(ada, fire, 'It burns.')
  desk.clock.advance(MINUTE)
  await say(ada, smoke, 'It smells.')
  return { tom, ada, fire, smoke }
}

test('a mark goes back before what a merge brings that its person has not read, and comes back by the undo as far as he read', async (t) => {
  const desk = await openDesk(t)
  const { tom, fire, smoke } = await openTwo(desk)
  const [first] = await read(tom, fire.id)
  await tom.put(`/v1/tickets/${fire.id}/read`, {})
  assert.deepEqual([await unread(tom, fire), await unread(tom, smoke)], [0, 2])

  await tom.post(`/v1/tickets/${smoke.id}/merge`, { into_ticket_id: fire.id })

  assert.equal(await lastRead(tom, fire, tom), first.id)
  assert.equal(await unread(tom, fire), 3)
  await tom.post(`/v1/tickets/${smoke.id}/unmerge`)
  assert.deepEqual([await unread(tom, fire), await unread(tom, smoke)], [1, 2])
})

test('what was read in the ticket that goes is read in the one that it goes to, and after the undo', async (t) => {
  const desk = await openDesk(t)
  const { tom, fire, smoke } = await openTwo(desk)
  for (const { id } of [fire, smoke]) await tom.put(`/v1/tickets/${id}/read`, {})
  await say(tom, smoke, 'We come.', { visibility: 'internal' })

  await tom.post(`/v1/tickets/${smoke.id}/merge`, { into_ticket_id: fire.id })

  assert.equal(await unread(tom, fire), 0)
  assert.equal(await lastRead(tom, fire, tom), (await read(tom, fire.id)).at(-2).id)
  await tom.post(`/v1/tickets/${smoke.id}/unmerge`)
  assert.deepEqual([await unread(tom, fire), await unread(tom, smoke)], [0, 0])
})

test('what was read is read in the ticket that is split off, too', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, fire } = await openTwo(desk)
  await tom.put(`/v1/tickets/${fire.id}/read`, {})
  const later = await say(ada, fire, 'The lift is stuck.')
  const [, second] = await read(tom, fire.id)

  const split = await tom.post(`/v1/tickets/${fire.id}/split`, { message_ids: [second.id, later.id] })

  assert.deepEqual([await unread(tom, split.body), await unread(tom, fire)], [1, 0])
  assert.equal(await lastRead(tom, split.body, tom), second.id)
})

test('where notes alone come in, the public side does not see marks move', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, fire } = await openTwo(desk)
  const inside = await say(tom, fire, 'Look at the fuse.', { visibility: 'internal' })
  const fuse = (await tom.post(`/v1/tickets/${fire.id}/split`, { message_ids: [inside.id] })).body
  desk.clock.advance(MINUTE)
  await say(ada, fire, 'Hello?')
  const eve = await desk.person({ role: 'agent' })
  await eve.put(`/v1/tickets/${fire.id}/read`, {})
  const before = (await ada.get(`/v1/tickets/${fire.id}/read-marks`)).body
  desk.clock.advance(MINUTE)

  assert.equal((await tom.post(`/v1/tickets/${fuse.id}/merge`, { into_ticket_id: fire.id })).status, 200)

  assert.deepEqual((await ada.get(`/v1/tickets/${fire.id}/read-marks`)).body, before)
  assert.equal(await unread(eve, fire), 1)
  const [, second] = await read(eve, fire.id)
  assert.equal(await lastRead(tom, fire, eve), second.id)
})

const ticket = fc.nat(3)
const message = fc.nat(9)
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ act: fc.constant('say' as const), ticket, by: fc.constantFrom('ada', 'tom', 'note') }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('read' as const), ticket, by: fc.constantFrom('ada', 'tom', 'eve'), upTo: message }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('merge' as const), ticket, into: ticket }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('unmerge' as const), ticket }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('split' as const),
      ticket,
      ids: fc.uniqueArray(message, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('hide' as const), ticket, message }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const runs = { numRuns: Number(process.env.READING_RUNS ?? 6) }

test('what nobody has read is never shown as read, however messages are moved', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, eve, ada] = [
    await desk.person({ role: 'admin' }),
    await desk.person({ role: 'agent' }),
    await desk.person({ role: 'agent' }),
    await desk.person(),
  ]
  const people = { ada, tom, eve }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 20 }), async (steps) => {
      const tickets: string[] = []
      for (const subject of ['A', 'B', 'C']) tickets.push((await raise(ada, subject)).id)
      const hasRead = new Map([ada, tom, eve].map(({ id }) => [id, new Set<string>()]))
      for (const [i, person] of [ada, tom, ada, tom, ada, tom].entries()) {
        desk.clock.advance(1000)
        await say(person, { id: tickets[i % 3] }, 'Said.', i === 3 ? { visibility: 'internal' } : {})
      }
      for (const one of steps) {
        await take(one, tickets)
        if (one.act !== 'say' && one.act !== 'read') await check(tickets)
      }

      async function take(one: Step, all: string[]): Promise<void> {
        const at = (i: number): string => all[i % all.length] ?? ''
        const id = at(one.ticket)
        if (one.act === 'say') {
          desk.clock.advance(1000)
          const more = one.by === 'note' ? { visibility: 'internal' } : {}
          await say(one.by === 'ada' ? ada : tom, { id }, 'Said.', more)
        } else if (one.act === 'read') {
          const person = people[one.by as keyof typeof people]
          const seen = await read(person, id)
          const upTo = seen.length === 0 ? undefined : seen[one.upTo % seen.length]
          if (!upTo) return
          assert.equal((await person.put(`/v1/tickets/${id}/read`, { message_id: upTo.id })).status, 200)
          for (const message of seen.slice(0, seen.indexOf(upTo) + 1)) hasRead.get(person.id)?.add(message.id)
        } else if (one.act === 'merge') await root.post(`/v1/tickets/${id}/merge`, { into_ticket_id: at(one.into) })
        else if (one.act === 'unmerge') await root.post(`/v1/tickets/${id}/unmerge`)
        else if (one.act === 'split') {
          const there = await read(root, id)
          const ids = new Set(one.ids.flatMap((i) => (there.length === 0 ? [] : [there[i % there.length].id])))
          const made = await root.post(`/v1/tickets/${id}/split`, { message_ids: [...ids] })
          if (made.status === 201) all.push(made.body.id)
        } else {
          const open = (await read(root, id)).filter(({ visibility }) => visibility === 'public')
          const one_of = open[one.message % open.length]
          if (one_of) await root.patch(`/v1/tickets/${id}/messages/${one_of.id}`, { visibility: 'internal' })
        }
      }

      async function check(all: readonly string[]): Promise<void> {
        for (const id of all) {
          const isNew = (person: Person, { id: message, author }: Json): boolean =>
            author.id !== person.id && hasRead.get(person.id)?.has(message) !== true
          for (const [name, person] of Object.entries(people)) {
            const { status, body } = await person.get(`/v1/tickets/${id}?include=messages`)
            if (status !== 200 || body.merged_into_id) continue
            const fresh = body.messages.filter((message: Json) => isNew(person, message))
            assert.ok(body.unread_count >= fresh.length, `${name} has read less than is counted`)
          }
          for (const viewer of [root, ada]) {
            const { status, body } = await viewer.get(`/v1/tickets/${id}/read-marks?limit=100`)
            if (status !== 200) continue
            const there = await read(viewer, id)
            for (const [name, person] of Object.entries(people)) {
              const mark = body.data.find(({ user_id }: Json) => user_id === person.id)
              const last = there.findIndex(({ id: message }) => message === mark?.last_read_message_id)
              const covered = there.slice(0, last + 1)
              const shown = person === ada ? covered.filter(({ visibility }) => visibility === 'public') : covered
              const fresh = shown.filter((message) => isNew(person, message))
              assert.deepEqual(fresh, [], `${name} is said to have read what he has not`)
            }
          }
        }
      }
    }),
    runs,
  )
})

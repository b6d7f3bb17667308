import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Caller, type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { assertReplayed } from '../../../test/replay.ts'

// Random worlds of four tickets and what is split off them, held against a model that is a few lists.

interface Said {
  id: string
  body: string
  visibility: string
  addressed: Modelled
  at: number
  /** How many steps there were before it. */
  step: number
  brought_by: Set<Merge>
}

interface Merge {
  ticket: Modelled
  into: Modelled
  moved: Said[]
  step: number
}

interface Modelled {
  id: string
  merge: Merge | null
  said: Said[]
}

const ticket = fc.nat(6)
const step = fc.oneof(
  fc.record({ act: fc.constant('say' as const), ticket, by: fc.constantFrom('ada', 'tom', 'note'), waits: fc.boolean() }),
  fc.record({ act: fc.constant('merge' as const), ticket, into: ticket }),
  fc.record({ act: fc.constant('unmerge' as const), ticket }),
  fc.record({ act: fc.constant('split' as const), ticket, which: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }) }),
  fc.record({ act: fc.constant('edit' as const), ticket, which: fc.nat(9) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** One world: the desk and its model, step by step. */
class Story {
  readonly tickets: Modelled[] = []
  steps = 0
  readonly #desk: Desk
  readonly #ada: Caller & { id: string }
  readonly #tom: Caller

  constructor(desk: Desk, { ada, tom }: { ada: Caller & { id: string }; tom: Caller }) {
    this.#desk = desk
    this.#ada = ada
    this.#tom = tom
  }

  async begin(bob: Caller): Promise<void> {
    for (const [i, caller] of [this.#ada, this.#ada, this.#ada, bob].entries()) {
      const { body } = await caller.post('/v1/tickets', { subject: `Ticket ${i}`, body: `First of ${i}.` })
      const world: Modelled = { id: body.id, merge: null, said: [] }
      const [first] = (await caller.get(`/v1/tickets/${body.id}/messages`)).body.data
      world.said.push(this.#said(world, first))
      this.tickets.push(world)
      await this.#tom.post(`/v1/tickets/${body.id}/tags`, { tags: [`tag-${i}`, 'all'] })
      if (caller === bob) await this.#tom.put(`/v1/tickets/${body.id}/participants/${this.#ada.id}`)
    }
  }

  #said(addressed: Modelled, { id, body, visibility }: Json): Said {
    return { id, body, visibility, addressed, at: this.#desk.clock.now(), step: this.steps, brought_by: new Set() }
  }

  #of(i: number): Modelled {
    const found = this.tickets[i % this.tickets.length]
    assert.ok(found)
    return found
  }

  async take(one: Step): Promise<void> {
    this.steps++
    const world = this.#of(one.ticket)
    switch (one.act) {
      case 'say':
        if (one.waits) this.#desk.clock.advance(1000)
        return this.#say(world, one.by)
      case 'merge':
        return this.#merge(world, this.#of(one.into))
      case 'unmerge':
        return this.#unmerge(world)
      case 'split':
        return this.#split(world, one.which)
      case 'edit':
        return this.#edit(world, one.which)
    }
  }

  async #say(world: Modelled, by: string): Promise<void> {
    const visibility = by === 'note' ? 'internal' : 'public'
    const caller = by === 'ada' ? this.#ada : this.#tom
    const path = `/v1/tickets/${world.id}/messages`
    const reply = await caller.post(path, { body: `Step ${this.steps}.`, ...(by === 'note' ? { visibility } : {}) })
    const holder = holderOf(world)
    assert.deepEqual([reply.status, reply.body.ticket_id], [201, holder.id], reply.text)
    holder.said.push(this.#said(world, reply.body))
  }

  async #merge(world: Modelled, into: Modelled): Promise<void> {
    const { status } = await this.#tom.post(`/v1/tickets/${world.id}/merge`, { into_ticket_id: into.id })
    if (world === into) return assert.equal(status, 422)
    if (world.merge || into.merge) return assert.equal(status, 409)
    assert.equal(status, 200)
    world.merge = { ticket: world, into, moved: world.said, step: this.steps }
    for (const said of world.said) said.brought_by.add(world.merge)
    into.said = woven(into.said, world.said)
    world.said = []
  }

  async #unmerge(world: Modelled): Promise<void> {
    const { status } = await this.#tom.post(`/v1/tickets/${world.id}/unmerge`)
    const { merge } = world
    if (!merge || merge.into.merge) return assert.equal(status, 409)
    assert.equal(status, 200)
    const { into } = merge
    const family = this.tickets.filter((one) => isIn(one, world))
    world.merge = null
    const came = merge.moved.filter((said) => into.said.includes(said))
    const since = into.said.filter(
      (said) =>
        !came.includes(said) &&
        said.step > merge.step &&
        family.includes(said.addressed) &&
        ![...said.brought_by].some((other) => other.ticket.merge === other && other.into === into),
    )
    world.said = [...came, ...since]
    for (const said of world.said) said.brought_by.delete(merge)
    into.said = into.said.filter((said) => !world.said.includes(said))
  }

  async #split(world: Modelled, which: number[]): Promise<void> {
    const moved = world.said.filter((_, i) => which.includes(i))
    if (moved.length === 0) return
    const stays = world.said.filter((said) => !moved.includes(said))
    const reply = await this.#tom.post(`/v1/tickets/${world.id}/split`, {
      message_ids: moved.map(({ id }) => id),
      requester_id: this.#ada.id,
    })
    const isPublic = (said: Said) => said.visibility === 'public'
    if (stays.length === 0 || (moved.some(isPublic) && !stays.some(isPublic))) return assert.equal(reply.status, 422)
    assert.equal(reply.status, 201, reply.text)
    for (const said of moved) said.brought_by.clear()
    world.said = stays
    this.tickets.push({ id: reply.body.id, merge: null, said: moved })
  }

  /** The author of a message changes it, by whatever name he knows its ticket. */
  async #edit(world: Modelled, which: number): Promise<void> {
    const { said: all } = holderOf(world)
    const said = all[which % all.length]
    if (!said) return
    const body = `${said.body} Step ${this.steps}.`
    const replies = []
    for (const caller of [this.#ada, this.#tom])
      replies.push(await caller.patch(`/v1/tickets/${world.id}/messages/${said.id}`, { body }))
    if (replies.some(({ status }) => status === 200)) said.body = body
  }

  /** What is read, on both sides, is what the model says. */
  async check(): Promise<void> {
    for (const world of this.tickets) {
      const { said } = holderOf(world)
      const shown = said.filter(({ visibility }) => visibility === 'public')
      assert.deepEqual(await bodies(this.#tom, world), bodiesOf(said))
      assert.deepEqual(await bodies(this.#ada, world), bodiesOf(shown))
      for (const [caller, side] of [
        [this.#tom, world.said],
        [this.#ada, world.said.filter(({ visibility }) => visibility === 'public')],
      ] as const) {
        const { body } = await caller.get(`/v1/tickets/${world.id}`)
        assert.equal(body.message_count, side.length)
        assert.equal(
          body.last_message_at,
          side.length === 0 ? null : new Date(Math.max(...side.map(({ at }) => at))).toISOString(),
        )
        assert.equal(body.merged_into_id ?? null, world.merge?.into.id ?? null)
        assert.equal(body.status_category === 'closed', world.merge !== null)
      }
    }
    const ids = this.tickets.flatMap(({ said }) => said.map(({ id }) => id))
    assert.equal(new Set(ids).size, ids.length)
  }
}

/** The ticket that holds the conversation of one. */
function holderOf(world: Modelled): Modelled {
  return world.merge ? holderOf(world.merge.into) : world
}

function isIn(one: Modelled, other: Modelled): boolean {
  return one === other || (one.merge !== null && isIn(one.merge.into, other))
}

/** Two conversations as one, each in its own order, by time. */
function woven(here: Said[], incoming: Said[]): Said[] {
  const [a, b] = [[...here], [...incoming]]
  const all: Said[] = []
  for (let next = b[0]; next; next = b[0]) {
    const first = a[0]
    const taken = first && first.at <= next.at ? a.shift() : b.shift()
    if (taken) all.push(taken)
  }
  return [...all, ...a]
}

async function bodies(caller: Caller, { id }: Modelled): Promise<string[]> {
  return bodiesOf((await caller.get(`/v1/tickets/${id}/messages?limit=100`)).body.data)
}

function bodiesOf(messages: readonly { body: string }[]): string[] {
  return messages.map(({ body }) => body)
}

test('whatever is merged, undone, split, written and changed, nothing is lost or doubled, and the log tells all of it', async (t) => {
  const desk = await openDesk(t)
  const people = { ada: await desk.person(), bob: await desk.person(), tom: await desk.person({ role: 'agent' }) }
  const signIn = async (person: Person) => {
    const { access_token } = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, person.id))
    return { ...desk.bearer(access_token), id: person.id }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 30 }), async (steps) => {
      const [ada, bob, tom] = [await signIn(people.ada), await signIn(people.bob), await signIn(people.tom)]
      await desk.settle()
      const [{ position: after }] = await desk.query('select position from log_head')
      const story = new Story(desk, { ada, tom })
      await story.begin(bob)
      for (const one of steps) await story.take(one)
      await story.check()
      await assertReplayed(desk, { caller: tom, side: 'staff', after: Number(after) })
      await assertReplayed(desk, { caller: ada, side: 'public', after: Number(after) })
    }),
    { numRuns: Number(process.env.WORLDS ?? 10) },
  )
})

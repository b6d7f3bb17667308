import { toTime } from '../../src/platform/codecs.ts'
import type { Caller, Json, Reply } from '../desk.ts'
import type { Chance } from './chance.ts'
import { movingStatuses, NEW_STATUS } from './lifecycles.ts'
import { onEither, severities, type World } from './world.ts'

/** One act of somebody who works with tickets, by its name. */
export type Act = [name: string, reply: Promise<Reply>]

const priorities = ['low', 'normal', 'high', 'urgent']
const everyStatus = [...new Set(Object.values(movingStatuses).flatMap(({ kept, passing }) => [...kept, ...passing]))]
  .map(({ key }) => key)
  .filter((key) => key !== 'closed' && key !== 'over' && key !== 'gone')

/** What a requester does next. */
export function requesterAct(world: World, chance: Chance, token: string): Act {
  const caller = onEither(world, chance, token)
  const ticket = `/v1/tickets/${chance.one(world.tickets)}`
  const acts: (() => Act)[] = [
    () => ['raise', raise(world, caller, newTicket(world, chance))],
    () => ['raise', raise(world, caller, newTicket(world, chance))],
    () => ['reply', caller.post(`${ticket}/messages`, { body: 'Any news?' })],
    () => ['reply', caller.post(`${ticket}/messages`, { body: 'Thank you.' })],
    () => ['patch', caller.patch(ticket, { priority: chance.one(priorities), fields: { amount: chance.below(100) } })],
    () => ['reopen', caller.post(`${ticket}/reopen`)],
    () => ['close', chance.happens(30) ? caller.post(`${ticket}/close`, {}) : caller.get(`${ticket}/transitions`)],
  ]
  return chance.one(acts)()
}

function newTicket({ queues, categories }: World, chance: Chance): object {
  return {
    subject: chance.one(['A printer', 'A chair', 'My account']),
    body: 'Help',
    priority: chance.one(priorities),
    ...(chance.happens(70) ? { queue_id: chance.one(queues) } : {}),
    ...(chance.happens(40) ? { category_id: chance.one(categories) } : {}),
    ...(chance.happens(60) ? { fields: { amount: chance.below(100), remark: 'given' } } : {}),
  }
}

async function raise({ tickets }: World, caller: Caller, body: object): Promise<Reply> {
  const reply = await caller.post('/v1/tickets', body)
  if (reply.status === 201) tickets.push(reply.body.id)
  return reply
}

/** What an agent does next. */
export function agentAct(world: World, chance: Chance, token: string): Act {
  const { queues, tickets, tags, agents } = world
  const caller = onEither(world, chance, token)
  const ticket = `/v1/tickets/${chance.one(tickets)}`
  const later = (ms: number) => toTime(world.desk.clock.now() + ms)
  const acts: (() => Act)[] = [
    () => ['claim', caller.post(`${ticket}/claim`)],
    () => ['claim', caller.post(`${ticket}/claim`)],
    () => ['claim next', caller.post(`/v1/queues/${chance.one(queues)}/claim`)],
    () => ['claim next', caller.post(`/v1/queues/${chance.one(queues)}/claim`)],
    () => ['release', caller.post(`${ticket}/release`)],
    () => ['assign', caller.patch(ticket, { assignee_id: chance.one(agents).id })],
    () => ['status', caller.patch(ticket, { status: chance.one(everyStatus) })],
    () => ['status', takeAStep(caller, chance, ticket)],
    () => ['status', takeAStep(caller, chance, ticket)],
    () => [
      'snooze',
      caller.patch(ticket, {
        status: chance.one(['pending', 'waiting', 'on_hold', 'parts']),
        pending_until: later(10_000 + chance.below(4e6)),
      }),
    ],
    () => ['snooze', caller.patch(ticket, { pending_until: chance.happens(20) ? null : later(1 + chance.below(60_000)) })],
    () => ['queue', caller.patch(ticket, { queue_id: chance.one(queues) })],
    () => ['queue', caller.patch(ticket, { queue_id: chance.one(queues), assignee_id: null, priority: chance.one(priorities) })],
    () => ['fields', caller.patch(ticket, { fields: values(chance) })],
    () => ['fields', caller.patch(ticket, { fields: values(chance), type_id: chance.one([null, ...world.types]) })],
    () => ['category', caller.patch(ticket, { category_id: chance.one([null, ...world.categories]) })],
    () => ['due', caller.patch(ticket, { due_at: chance.happens(30) ? null : later(chance.below(1e8)) })],
    () => ['tag', caller.post(`${ticket}/tags`, { tags: [chance.one(tags)] })],
    () => ['tag', caller.post(`${ticket}/tags`, { tags: [chance.one(tags)] })],
    () => ['untag', caller.delete(`${ticket}/tags/${chance.one(tags)}`)],
    () => ['answer', caller.post(`${ticket}/messages`, { body: 'We look into it.' })],
    () => ['note', caller.post(`${ticket}/messages`, { body: 'Hm.', visibility: 'internal' })],
    () => ['call', caller.post(`${ticket}/messages`, { body: call(world, chance), visibility: 'internal' })],
    () => ['cc', caller.put(`${ticket}/participants/${chance.one(world.requesters).id}`)],
    () => ['another requester', caller.patch(ticket, { requester_id: chance.one(world.requesters).id })],
    () => ['reopen', caller.post(`${ticket}/reopen`)],
    () => ['close', chance.happens(20) ? caller.post(`${ticket}/close`, { message: 'Done.' }) : caller.get(ticket)],
    () => ['skills', caller.put(`${ticket}/skills`, { skills: chance.some(['french', 'wood'], 20) })],
    () => ['route', caller.post(`${ticket}/route`)],
    () => ['raise', raise(world, caller, { ...newTicket(world, chance), tags: chance.some(tags, 30), due_at: later(1e6) })],
    () => ['delete', chance.happens(10) ? world.admin.delete(ticket) : caller.get(`${ticket}/eligibility`)],
    () => [
      'list',
      caller.get(`/v1/tickets?limit=20&include=total&sort=${chance.one(['-updated_at', 'priority', '-created_at'])}`),
    ],
    () => ['counts', caller.get('/v1/queues/counts')],
  ]
  return chance.one(acts)()
}

/** A note that calls an agent to two tickets. */
function call({ agents, tickets }: World, chance: Chance): string {
  return `@${chance.one(agents).id}, as in ${chance.one(tickets)} and ${chance.one(tickets)}`
}

/** Takes one of the steps that the ticket says it can take. */
async function takeAStep(caller: Caller, chance: Chance, ticket: string): Promise<Reply> {
  const seen = await caller.get(ticket)
  const allowed: string[] = (seen.body as Json)?.allowed_transitions ?? []
  const fresh = allowed.filter((key) => key.startsWith(NEW_STATUS))
  const open = fresh.length > 0 ? fresh : allowed.filter((key) => everyStatus.includes(key))
  return open.length === 0 ? seen : caller.patch(ticket, { status: chance.one(open) })
}

function values(chance: Chance): object {
  return chance.one<() => object>([
    () => ({ severity: chance.one([null, ...severities]) }),
    () => ({ parts: chance.some(severities) }),
    () => ({ amount: chance.below(1000), remark: chance.one([null, 'seen', 'heard']) }),
    () => ({ passing: chance.one([null, 'a', 'b']) }),
  ])()
}

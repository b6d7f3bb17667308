// What people do to tickets while others listen.
import type { Chance } from '../../moving/chance.ts'
import { type Answered, type Ask, CANARY, type Json, type Person, type World } from './world.ts'

export interface Stage {
  world: World
  ask: Ask
  chance: Chance
  /** How many tickets there may be. */
  most: number
}

type Act = (stage: Stage, who: Person) => Promise<Answered | undefined>

const onTicket = ({ world, chance }: Stage): string => `/v1/tickets/${chance.one(world.tickets)}`
const someWords = ({ chance }: Stage): string => `Still broken, ${chance.below(1e9)}. `.repeat(1 + chance.below(6))

const reply: Act = (stage, who) => stage.ask(who, 'POST', `${onTicket(stage)}/messages`, { body: someWords(stage) })

const note: Act = async (stage, who) => {
  const body = { body: `${CANARY} ${someWords(stage)}`, visibility: 'internal' }
  const answer = await stage.ask(who, 'POST', `${onTicket(stage)}/messages`, body)
  if (answer.status === 201) stage.world.notes.add(answer.body.id)
  return answer
}

/** A message, one of his own where he has written any among the newest. */
async function someMessage(stage: Stage, who: Person, path: string): Promise<Json | undefined> {
  const { status, body } = await stage.ask(who, 'GET', `${path}/messages?limit=25&sort=-created_at`)
  if (status !== 200 || body.data.length === 0) return undefined
  const own = body.data.filter(({ author }: Json) => author.id === who.id)
  return stage.chance.one<Json>(own.length > 0 ? own : body.data)
}

const edit: Act = async (stage, who) => {
  const path = onTicket(stage)
  const message = await someMessage(stage, who, path)
  if (!message) return undefined
  const at = `${path}/messages/${message.id}`
  if (stage.chance.happens(15)) return stage.ask(who, 'DELETE', at)
  const mark = message.visibility === 'internal' ? `${CANARY} ` : ''
  return stage.ask(who, 'PATCH', at, { body: `${mark}${someWords(stage)}` })
}

const makeInternal: Act = async (stage, who) => {
  const path = onTicket(stage)
  const message = await someMessage(stage, who, path)
  if (message?.visibility !== 'public') return undefined
  return stage.ask(who, 'PATCH', `${path}/messages/${message.id}`, { visibility: 'internal' })
}

const setStatus: Act = async (stage, who) => {
  const path = onTicket(stage)
  if (stage.chance.happens(10)) return stage.ask(who, 'POST', `${path}/close`, {})
  if (stage.chance.happens(20)) return stage.ask(who, 'POST', `${path}/reopen`)
  return stage.ask(who, 'PATCH', path, { status: stage.chance.one(['open', 'pending', 'on_hold', 'solved']) })
}

const rename: Act = (stage, who) => {
  const { chance } = stage
  const change = chance.happens(50)
    ? { subject: `Printer, ${chance.below(1000)}` }
    : { priority: chance.one(['low', 'normal', 'high']) }
  return stage.ask(who, 'PATCH', onTicket(stage), change)
}

const assign: Act = (stage, who) => {
  const { chance, world } = stage
  const path = onTicket(stage)
  if (chance.happens(25)) return stage.ask(who, 'POST', `${path}/claim`)
  if (chance.happens(30)) return stage.ask(who, 'POST', `${path}/release`)
  return stage.ask(who, 'PATCH', path, { assignee_id: chance.one(world.agents).id })
}

const tag: Act = (stage, who) => {
  const name = stage.chance.one(['late', 'lost', 'loud', CANARY])
  if (stage.chance.happens(40)) return stage.ask(who, 'DELETE', `${onTicket(stage)}/tags/${name}`)
  return stage.ask(who, 'POST', `${onTicket(stage)}/tags`, { tags: [name] })
}

const invite: Act = (stage, who) => {
  const { chance, world } = stage
  const isAgent = who.role !== 'requester' && chance.happens(50)
  const at = `${onTicket(stage)}/participants/${chance.one(isAgent ? world.agents : world.requesters).id}`
  if (chance.happens(45)) return stage.ask(who, 'DELETE', at)
  return stage.ask(who, 'PUT', at, { role: isAgent ? 'follower' : 'cc' })
}

const moveQueue: Act = (stage, who) => {
  const { chance, world } = stage
  return stage.ask(who, 'PATCH', onTicket(stage), { queue_id: chance.one(world.queues) })
}

const raise: Act = async (stage, who) => {
  const { world, chance, most } = stage
  if (world.tickets.length >= most) return reply(stage, who)
  const queue_id = chance.one(world.queues.slice(0, 3))
  const answer = await stage.ask(who, 'POST', '/v1/tickets', { subject: 'Printer', body: someWords(stage), queue_id })
  if (answer.status === 201) world.tickets.push(answer.body.id)
  return answer
}

const merge: Act = (stage, who) => {
  if (stage.chance.happens(60)) return stage.ask(who, 'POST', `${onTicket(stage)}/unmerge`)
  return stage.ask(who, 'POST', `${onTicket(stage)}/merge`, { into_ticket_id: stage.chance.one(stage.world.tickets) })
}

const split: Act = async (stage, who) => {
  const { chance, world, most } = stage
  if (world.tickets.length >= most) return undefined
  const path = onTicket(stage)
  const { status, body } = await stage.ask(who, 'GET', `${path}/messages?limit=10&sort=-created_at`)
  const message_ids = status === 200 ? chance.some<string>(body.data.map(({ id }: Json) => id)) : []
  if (message_ids.length === 0) return undefined
  const answer = await stage.ask(who, 'POST', `${path}/split`, { message_ids })
  if (answer.status === 201) world.tickets.push(answer.body.id)
  return answer
}

/** An agent's teams, so what he sees, change while he listens. */
const moveAgent: Act = (stage, who) => {
  const { chance, world } = stage
  const moved = world.agents.filter(({ moves }) => moves)
  if (moved.length === 0) return Promise.resolve(undefined)
  const at = `/v1/teams/${chance.one(world.teams)}/members/${chance.one(moved).id}`
  return stage.ask(who, chance.happens(50) ? 'PUT' : 'DELETE', at)
}

const ofRequesters: readonly Act[] = [reply, reply, reply, edit, edit, invite, setStatus, rename, raise]
const ofStaff: readonly Act[] = [
  ...[reply, reply, reply, reply, note, note, note, edit, edit, edit, makeInternal],
  ...[setStatus, setStatus, rename, rename, assign, assign, tag, tag, invite, moveQueue, merge, split],
]
const ofAdmins: readonly Act[] = [...ofStaff, moveAgent]

/** Does one thing as somebody. Undefined where there was nothing to do. */
export function actOnce(stage: Stage, who: Person): Promise<Answered | undefined> {
  const acts = { requester: ofRequesters, agent: ofStaff, admin: ofAdmins }[who.role]
  return stage.chance.one(acts)(stage, who)
}

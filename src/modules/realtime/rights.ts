import type { Actor } from '../../platform/actor.ts'
import { fromJson } from '../../platform/codecs.ts'
import type { SeenEvent } from '../history/index.ts'

type Fact = Pick<SeenEvent, 'type' | 'subject_id' | 'data'>

/** Whether one of some events may have changed what somebody may see. */
export function affectedBy(facts: readonly Fact[]): (actor: Actor) => boolean {
  const ids = new Set<string | null>()
  let isOfAllAgents = false
  for (const { type, subject_id, data } of facts) {
    const [noun, verb] = type.split('.', 2)
    if (noun === 'user' || noun === 'api_key' || noun === 'session' || noun === 'organization') ids.add(subject_id)
    // Who joins or leaves is named; a team that is deleted takes the queues of all its members with it.
    else if (noun === 'team' && verb?.startsWith('member_')) ids.add(fromJson<{ user_id: string }>(data).user_id)
    else if (noun === 'team' || noun === 'queue') isOfAllAgents = true
  }
  return ({ id, role, session_id, organization_id, managed_organization_id }) =>
    (isOfAllAgents && role === 'agent') || [id, session_id, organization_id, managed_organization_id].some((one) => ids.has(one))
}

/** The types of events that `changesRights` looks at. */
export const rightsTypes: readonly string[] = [
  'user.updated',
  'team.member_added',
  'team.member_removed',
  'team.deleted',
  'queue.updated',
  'queue.archived',
  'queue.deleted',
]

/**
 * Whether somebody who was away while this happened may hold what is not his any more, or lack what is. It may say so of an agent
 * for whom nothing changed: what his queues were then, nobody knows now.
 */
export function changesRights({ type, subject_id, data }: Fact, actor: Actor): boolean {
  if (!rightsTypes.includes(type)) return false
  const { changed, user_id } = fromJson<{ changed?: readonly string[]; user_id?: string }>(data)
  switch (type) {
    case 'user.updated':
      return actor.id === subject_id && changed?.some((key) => RIGHTS_OF_USER.has(key)) === true
    case 'team.member_added':
    case 'team.member_removed':
      return actor.id === user_id
    case 'queue.updated':
      return actor.role === 'agent' && changed?.includes('team_ids') === true
    default:
      return actor.role === 'agent'
  }
}

const RIGHTS_OF_USER: ReadonlySet<string> = new Set(['role', 'active', 'organization_id', 'organization_role'])

/** The topic that an event may have closed for somebody, whatever his rights are. */
export function topicTouchedBy({ type, subject_id }: Fact): string | undefined {
  return /^(queue|view)\./.test(type) ? `${type.split('.', 1)[0]}:${subject_id}` : undefined
}

/** Whether somebody may do the same as before. His name decides nothing. */
export function maySame(before: Actor, after: Actor): boolean {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  return was.size === is.size && was.keys().every((key) => key === 'name' || isSame(was.get(key), is.get(key)))
}

function isSame(was: unknown, is: unknown): boolean {
  if (!Array.isArray(was) || !Array.isArray(is)) return was === is
  return was.length === is.length && was.every((one, i) => one === is[i])
}

/** Whether an event may have closed views to anybody. */
export function closesViews({ type }: Fact): boolean {
  return type === 'team.member_removed' || type === 'user.updated'
}

/** Whether an event may have closed views to somebody who may do the same as before. */
export function mayCloseViews({ type, data }: Fact, { id, role }: Actor): boolean {
  if (type === 'team.member_removed') return id === fromJson<{ user_id: string }>(data).user_id
  // Who is back has his private views for himself again.
  if (type !== 'user.updated' || role !== 'admin') return false
  return fromJson<{ changed: string[] }>(data).changed.some((key) => key === 'active' || key === 'role')
}

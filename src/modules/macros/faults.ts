import { systemActor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { isId } from '../../platform/ids.ts'
import { canonicalLocale } from '../../platform/locale.ts'
import { nearest } from '../../platform/nearest.ts'
import type { FieldError } from '../../platform/problems.ts'
import { parseTemplate, placeholdersIn } from '../../platform/template.ts'
import { presentCategories, presentQueues } from '../desk/index.ts'
import { presentOrganizations, presentUsers } from '../directory/index.ts'
import { appliesTo, type Definitions, definitionsOf, presentTicketTypes, readValue } from '../fields/index.ts'
import { type Workflow, workflowOf } from '../workflow/index.ts'
import type { Changes, Content, MessageTemplate } from './macro.ts'
import { wrongPlaceholder } from './placeholders.ts'

/** Something wrong, and where. */
export type Fault = FieldError & { pointer: string }

/** What there is of that which macros name. */
interface Present {
  /** The queues in use, and their lifecycles. */
  queues: ReadonlyMap<string, string>
  /** The categories in use, and the queues that each is for; none for all. */
  categories: ReadonlyMap<string, readonly string[]>
  agents: ReadonlySet<string>
  /** Active users and organizations, as values of custom fields name them. */
  named: ReadonlySet<string>
  types: ReadonlySet<string>
  definitions: Definitions
  workflow: Workflow
}

/** What is wrong in each of these, in their order: for a page of them as few queries as for one. */
export async function findFaults(
  db: Reader,
  contents: readonly Content[],
  { at = '' }: { at?: '' | '/message' } = {},
): Promise<Fault[][]> {
  const present = await readPresent(db, contents)
  return contents.map(({ message, changes }) => [
    ...(message ? wrongMessage(message, { present, at }) : []),
    ...(changes ? wrongChanges(changes, present) : []),
  ])
}

async function readPresent(db: Reader, contents: readonly Content[]): Promise<Present> {
  const changes = contents.flatMap(({ changes }) => (changes ? [changes] : []))
  const ids = (of: (one: Changes) => unknown) =>
    [...new Set(changes.map(of))].filter((id): id is string => typeof id === 'string' && id !== 'me')
  const definitions = await definitionsOf(db)
  const [queueIds, categoryIds] = [ids(({ queue_id }) => queue_id), ids(({ category_id }) => category_id)]
  const [agentIds, typeIds] = [ids(({ assignee_id }) => assignee_id), ids(({ type_id }) => type_id)]
  const values = namedIn(changes, definitions)
  const queues = queueIds.length === 0 ? [] : await presentQueues(db, systemActor, queueIds)
  const categories = categoryIds.length === 0 ? [] : await presentCategories(db, systemActor, categoryIds)
  const userIds = [...agentIds, ...values.user]
  const users = (userIds.length === 0 ? [] : await presentUsers(db, userIds)).filter(({ active }) => active)
  const organizations = values.organization.length === 0 ? [] : await presentOrganizations(db, values.organization)
  const types = typeIds.length === 0 ? [] : await presentTicketTypes(db, typeIds)
  const inUse = <T extends { archived_at?: string | null }>(found: readonly T[]) =>
    found.filter((one) => one.archived_at === null)
  return {
    queues: new Map(inUse(queues).map(({ id, lifecycle_id = '' }) => [id, lifecycle_id])),
    categories: new Map(inUse(categories).map(({ id, queue_ids = [] }) => [id, queue_ids])),
    agents: new Set(users.filter(({ role }) => role !== 'requester').map(({ id }) => id)),
    named: new Set([...users, ...organizations].map(({ id }) => id)),
    types: new Set(inUse(types).map(({ id }) => id)),
    definitions,
    workflow: await workflowOf(db),
  }
}

/** The people and organizations that values of custom fields name. */
function namedIn(changes: readonly Changes[], { in_use }: Definitions): { user: string[]; organization: string[] } {
  const found = { user: new Set<string>(), organization: new Set<string>() }
  for (const { fields = {} } of changes)
    for (const [key, value] of Object.entries(fields)) {
      const type = in_use.get(key)?.type
      if (type !== 'user' && type !== 'organization') continue
      if (typeof value === 'string' && isId(type === 'user' ? 'usr' : 'org', value)) found[type].add(value)
    }
  return { user: [...found.user], organization: [...found.organization] }
}

function wrongMessage(
  { variants, visibility }: MessageTemplate,
  { present: { definitions }, at }: { present: Present; at: string },
): Fault[] {
  const tags = variants.map(({ locale }) => canonicalLocale(locale))
  return variants.flatMap(({ body }, i): Fault[] => {
    const tag = tags[i]
    const language = { pointer: `${at}/variants/${i}/locale` }
    const faults: Fault[] = []
    if (tag === undefined) faults.push({ ...language, code: 'invalid', detail: 'This is no language tag (BCP 47).' })
    else if (tags.indexOf(tag) < i) faults.push({ ...language, code: 'duplicate', detail: `There are two texts for ${tag}.` })
    const text = { pointer: `${at}/variants/${i}/body` }
    const read = parseTemplate(body)
    if ('fault' in read) return [...faults, { ...text, ...read.fault }]
    for (const name of placeholdersIn(read.parts)) {
      const wrong = wrongPlaceholder(name, { definitions, visibility })
      if (wrong) faults.push({ ...text, ...wrong })
    }
    return faults
  })
}

function wrongChanges(changes: Changes, present: Present): Fault[] {
  const { queue_id, category_id, assignee_id, type_id } = changes
  const faults: Fault[] = []
  const wrong = (key: string, code: string, detail: string) => faults.push({ pointer: `/changes/${key}`, code, detail })
  if (queue_id !== undefined && !present.queues.has(queue_id))
    wrong('queue_id', 'not_found', 'There is no such queue, or it takes no tickets.')
  const forQueues = category_id ? present.categories.get(category_id) : []
  if (!forQueues) wrong('category_id', 'not_found', 'There is no such category.')
  else if (queue_id !== undefined && forQueues.length > 0 && !forQueues.includes(queue_id))
    wrong('category_id', 'not_in_queue', 'This category is not for tickets of this queue.')
  if (assignee_id && assignee_id !== 'me' && !present.agents.has(assignee_id))
    wrong('assignee_id', 'not_an_agent', 'This is not an active agent.')
  if (type_id && !present.types.has(type_id)) wrong('type_id', 'not_found', 'There is no such ticket type.')
  if (changes.status !== undefined && !isStatus(changes.status, queue_id, present))
    wrong('status', 'unknown_status', 'There is no such status.')
  return [...faults, ...wrongValues(changes, present)]
}

/** Whether there is such a status: in the lifecycle of the queue to which the ticket goes, or else in any. */
function isStatus(key: string, queue_id: string | undefined, { queues, workflow }: Present): boolean {
  const lifecycle = workflow.lifecycles.get(queues.get(queue_id ?? '') ?? '')
  return lifecycle ? lifecycle.statuses.some((status) => status.key === key) : workflow.staffStatuses.has(key)
}

function wrongValues({ fields = {}, type_id }: Changes, { definitions, named }: Present): Fault[] {
  return Object.entries(fields).flatMap(([key, value]): Fault[] => {
    const wrong = (code: string, detail: string): Fault[] => [{ pointer: `/changes/fields/${key}`, code, detail }]
    const field = definitions.in_use.get(key)
    if (!field) {
      const meant = nearest(key, definitions.in_use.keys())
      if (definitions.all.some((one) => one.key === key)) return wrong('archived', 'is out of use')
      return wrong('unknown_field', `is not known here${meant ? `: did you mean ${meant}?` : ''}`)
    }
    if (value === null) return []
    if (type_id !== undefined && !appliesTo(field, type_id)) return wrong('not_for_type', 'is not for tickets of this type')
    const read = readValue(field, value)
    if ('fault' in read) return wrong(read.fault.code, read.fault.detail)
    const names = field.type === 'user' || field.type === 'organization'
    return names && !named.has(String(read.value)) ? wrong('not_found', 'names nobody who is there') : []
  })
}

import type { Actor } from '../../platform/actor.ts'
import { fromJson, toTime } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { findCategory, findQueue, isOpenCategory, isUsableQueue } from '../desk/index.ts'
import { findOrganization, findUser } from '../directory/index.ts'
import type { Definition, FieldValue, FieldValues } from '../fields/index.ts'
import { type SeenTicket, toPriority } from '../tickets/index.ts'
import { statusOf } from '../workflow/index.ts'
import { fieldOf } from './placeholders.ts'

/** For whom a value is. */
interface Reading {
  actor: Actor
  ticket: SeenTicket
  visibility: 'public' | 'internal'
}

/** The value of a placeholder that a message of this visibility may have; undefined where the ticket has none. */
export async function findValue(db: Reader, name: string, reading: Reading): Promise<string | undefined> {
  const { ticket, actor } = reading
  const field = fieldOf(name, ticket.definitions)
  if (field) return fieldText(db, field, fromJson<FieldValues>(ticket.fields)[field.key])
  const [noun = '', what = ''] = name.split('.')
  switch (noun) {
    case 'ticket':
      return ticketText(what, reading)
    case 'requester': {
      const requester = await findUser(db, ticket.requester_id)
      return requester && personText(what, requester)
    }
    case 'agent':
      return personText(what, { name: actor.name })
    case 'assignee':
      return ticket.assignee_id === null ? undefined : (await findUser(db, ticket.assignee_id))?.name
    case 'organization':
      return ticket.organization_id === null ? undefined : (await findOrganization(db, ticket.organization_id))?.name
    case 'queue':
      return queueText(db, reading)
    case 'category':
      return categoryText(db, reading)
    default:
      return undefined
  }
}

function ticketText(what: string, { ticket, visibility }: Reading): string | undefined {
  switch (what) {
    case 'id':
      return ticket.id
    case 'number':
      return String(ticket.number)
    case 'subject':
      return ticket.subject
    case 'priority':
      return toPriority(ticket.priority)
    case 'created_at':
      return toTime(ticket.created_at).slice(0, 10)
    case 'status': {
      const { label, requester_label, category } = statusOf(ticket.lifecycle, ticket.status)
      // A status that is hidden from requesters is its category to them.
      return visibility === 'internal' ? label : (requester_label ?? category.replaceAll('_', ' '))
    }
    default:
      return undefined
  }
}

function personText(what: string, { name, email }: { name: string; email?: string }): string | undefined {
  const words = name.trim().split(/\s+/)
  switch (what) {
    case 'name':
      return name
    case 'first_name':
      return words[0]
    case 'last_name':
      return words.length > 1 ? words.at(-1) : undefined
    case 'email':
      return email
    default:
      return undefined
  }
}

async function queueText(db: Reader, { ticket, visibility }: Reading): Promise<string | undefined> {
  const queue = await findQueue(db, ticket.queue_id)
  return queue && (visibility === 'internal' || (queue.public === 1 && isUsableQueue(queue))) ? queue.name : undefined
}

async function categoryText(db: Reader, { ticket: { category_id }, visibility }: Reading): Promise<string | undefined> {
  if (category_id === null) return undefined
  if (visibility === 'public' && !(await isOpenCategory(db, category_id))) return undefined
  return (await findCategory(db, category_id))?.name
}

async function fieldText(db: Reader, field: Definition, value: FieldValue | undefined): Promise<string | undefined> {
  if (value === undefined) return undefined
  const labelOf = (one: string): string => field.options.find((option) => option.value === one)?.label ?? one
  switch (field.type) {
    case 'boolean':
      // In whatever language the text around it is.
      return value === true ? '✓' : '✗'
    case 'choice':
      return labelOf(String(value))
    case 'multi_choice':
      return [value].flat().map(String).map(labelOf).join(', ')
    case 'user':
      return (await findUser(db, String(value)))?.name
    case 'organization':
      return (await findOrganization(db, String(value)))?.name
    case 'text':
    case 'number':
    case 'date':
      return String(value)
  }
}

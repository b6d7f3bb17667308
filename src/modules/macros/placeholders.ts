import { nearest } from '../../platform/nearest.ts'
import type { Fault } from '../../platform/template.ts'
import { type Definition, type Definitions, isReadable } from '../fields/index.ts'

/** Something of a ticket that a text can name. */
interface Placeholder {
  name: string
  /** `public`: in every text. `internal`: in notes only, because requesters, or those who take part, do not see it. */
  visibility: 'public' | 'internal'
  description: string
}

/** Every placeholder but those of custom fields, `ticket.fields.<key>`. */
export const placeholders: readonly Placeholder[] = [
  { name: 'ticket.id', visibility: 'public', description: 'Its id.' },
  { name: 'ticket.number', visibility: 'public', description: 'What people call it by.' },
  { name: 'ticket.subject', visibility: 'public', description: 'Its subject.' },
  { name: 'ticket.status', visibility: 'public', description: 'What the readers of the message call its status.' },
  { name: 'ticket.priority', visibility: 'public', description: '`low`, `normal`, `high` or `urgent`.' },
  { name: 'ticket.created_at', visibility: 'public', description: 'The day on which it was raised, `2026-11-22`, in UTC.' },
  { name: 'requester.name', visibility: 'public', description: 'Who raised it.' },
  { name: 'requester.first_name', visibility: 'public', description: 'The first word of that name.' },
  { name: 'requester.last_name', visibility: 'public', description: 'The last word of that name, where it has several.' },
  { name: 'requester.email', visibility: 'internal', description: 'His address: others take part in the ticket, too.' },
  { name: 'organization.name', visibility: 'public', description: 'The requester’s organization, where the ticket has one.' },
  { name: 'agent.name', visibility: 'public', description: 'Who writes the message.' },
  { name: 'agent.first_name', visibility: 'public', description: 'The first word of that name.' },
  { name: 'queue.name', visibility: 'public', description: 'Its queue; in a public message only if that is public.' },
  { name: 'category.name', visibility: 'public', description: 'Its category; in a public message only if requesters see it.' },
  { name: 'assignee.name', visibility: 'internal', description: 'Who has it.' },
]

const known = new Map(placeholders.map((one) => [one.name, one]))
const FIELD = 'ticket.fields.'

/** The custom field that a placeholder names; undefined where it names none, or none in use. */
export function fieldOf(name: string, { in_use }: Definitions): Definition | undefined {
  return name.startsWith(FIELD) ? in_use.get(name.slice(FIELD.length)) : undefined
}

/** Whether a message of this visibility may have a placeholder, or why it may not. */
export function lookUp(
  name: string,
  { definitions, visibility }: { definitions: Definitions; visibility: 'public' | 'internal' },
): 'usable' | 'not_public' | 'unknown' {
  const field = fieldOf(name, definitions)
  const found = field ? visibilityOfField(field) : known.get(name)?.visibility
  if (found === undefined) return 'unknown'
  return visibility === 'public' && found === 'internal' ? 'not_public' : 'usable'
}

/** Whom a field names is told by name, which requesters do not see. */
function visibilityOfField(field: Definition): 'public' | 'internal' {
  return isReadable(field) && field.type !== 'user' && field.type !== 'organization' ? 'public' : 'internal'
}

/** What is wrong with a placeholder in a message of this visibility; undefined where nothing is. */
export function wrongPlaceholder(
  name: string,
  about: { definitions: Definitions; visibility: 'public' | 'internal' },
): Fault | undefined {
  switch (lookUp(name, about)) {
    case 'usable':
      return undefined
    case 'not_public':
      return { code: 'not_public', detail: `{{${name}}} is for notes: requesters do not see it.` }
    case 'unknown': {
      const meant = nearest(name, [...known.keys(), ...about.definitions.in_use.keys().map((key) => `${FIELD}${key}`)])
      return {
        code: 'unknown_placeholder',
        detail: `There is no placeholder {{${name}}}${meant ? `: did you mean {{${meant}}}?` : '.'}`,
      }
    }
  }
}

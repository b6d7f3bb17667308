import { defineProblem, type Problem } from '../../platform/problems.ts'
import { MOST_FIELDS } from './field.ts'

export const FieldKeyTaken = defineProblem('field_key_taken', 409, 'Another field has this key.')
export const TooManyFields = defineProblem(
  'too_many_fields',
  409,
  `There are ${MOST_FIELDS} fields, those out of use included. Delete one first that no ticket has.`,
)
export const TicketTypeNameTaken = defineProblem('ticket_type_name_taken', 409, 'Another ticket type has this name.')

/** Another field has the key. */
export function fieldKeyTaken(): Problem {
  return FieldKeyTaken({ errors: [{ pointer: '/key', code: 'taken', detail: FieldKeyTaken.title }] })
}

/** Another ticket type has the name. */
export function ticketTypeNameTaken(): Problem {
  return TicketTypeNameTaken({ errors: [{ pointer: '/name', code: 'taken', detail: TicketTypeNameTaken.title }] })
}

import { defineProblem, type Problem } from '../../platform/problems.ts'

export const QueueKeyTaken = defineProblem('queue_key_taken', 409, 'Another queue has this key.')
export const DefaultQueue = defineProblem(
  'default_queue',
  409,
  'Tickets go to this queue when nothing else says so. Make another one the default first: PATCH /v1/settings.',
)
export const FallbackQueue = defineProblem(
  'fallback_queue',
  409,
  'Another queue sends here what nobody can be given. Give that one another fallback first.',
)
export const QueueHasMailbox = defineProblem(
  'queue_has_mailbox',
  409,
  'Mail to a mailbox becomes tickets of this queue. Give the mailbox another queue first, or delete it.',
)
export const CategoryHasChildren = defineProblem(
  'category_has_children',
  409,
  'There are categories in use under this one. Move or delete them first.',
)
export const ParentArchived = defineProblem(
  'parent_archived',
  409,
  'The category above this one is out of use. Bring that one back first, or give this one another `parent_id`.',
)

/** Another queue has the key. */
export function queueKeyTaken(): Problem {
  return QueueKeyTaken({ errors: [{ pointer: '/key', code: 'taken', detail: QueueKeyTaken.title }] })
}

import { defineProblem } from '../../platform/problems.ts'

export const TransitionNotAllowed = defineProblem(
  'transition_not_allowed',
  409,
  'The ticket cannot go to this status from where it is. `allowed` says where it can go.',
)
export const AlreadyAssigned = defineProblem('already_assigned', 409, 'Somebody else has taken this ticket.')
export const ClaimOnly = defineProblem(
  'claim_only',
  409,
  'The tickets of this queue come to an agent by his own claim only. An admin may assign them.',
)
export const TicketClosed = defineProblem('ticket_closed', 409, 'The ticket is closed: only tags and notes change on it.')
export const ChildrenStayOpen = defineProblem(
  'children_stay_open',
  409,
  'Some of its children cannot be closed from where they are: `ticket_ids` names them. Nothing was closed.',
)
export const TooManyChildren = defineProblem('too_many_children', 409, 'At most 100 children are closed with their parent.')
export const TicketMerged = defineProblem(
  'ticket_merged',
  409,
  'The ticket was merged into another one, which `merged_into_id` names.',
)
export const TooManyTags = defineProblem('too_many_tags', 409, 'A ticket has at most 50 tags.')
export const TooManyParticipants = defineProblem(
  'too_many_participants',
  409,
  'A ticket has at most 100 people as cc, and at most 100 followers.',
)

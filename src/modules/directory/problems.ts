import { defineProblem, type Problem } from '../../platform/problems.ts'

export const EmailTaken = defineProblem('email_taken', 409, 'Another user has this e-mail address.')
export const ExternalIdTaken = defineProblem('external_id_taken', 409, 'Another object of this kind has this external_id.')
export const LastAdmin = defineProblem('last_admin', 409, 'This is the last active admin. Make somebody else an admin first.')
export const NotAnAgent = defineProblem('not_an_agent', 409, 'Only agents and admins can be members of a team.')
export const OrganizationInUse = defineProblem(
  'organization_in_use',
  409,
  'The organization has users or tickets, or a routing rule names it. Move its users and change the rules first; one with tickets stays.',
)
export const TeamInUse = defineProblem(
  'team_in_use',
  409,
  'Queues belong to this team, and without it others might see their tickets. Take the team off its queues first.',
)

/** Another object of this kind has the external id. */
export function externalIdTaken(): Problem {
  const detail = ExternalIdTaken.title
  return ExternalIdTaken({ errors: [{ pointer: '/external_id', code: 'taken', detail }] })
}

/** Another user has the address. */
export function emailTaken(): Problem {
  return EmailTaken({ errors: [{ pointer: '/email', code: 'taken', detail: EmailTaken.title }] })
}

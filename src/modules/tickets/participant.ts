import type { View } from '../messages/index.ts'
import type { ParticipantRow, PreferenceRow, TicketRow } from './tables.ts'

/** How somebody takes part in a ticket. One person may do so in several ways. */
export const participantRoles = ['requester', 'assignee', 'cc', 'follower'] as const
export type ParticipantRole = (typeof participantRoles)[number]

/** What somebody wants to hear: everything that he may see, public messages only, or nothing. */
export const notifications = ['all', 'replies', 'none'] as const
export type Notify = PreferenceRow['notify']

/** How many people a ticket may have as cc, and how many as followers. */
export const PARTICIPANTS_MAX = 100

type People = Pick<TicketRow, 'requester_id' | 'assignee_id'>

/** The roles that each participant has, as far as a side knows of them: requesters hear nothing of followers and assignee. */
export function rolesByPerson(
  { requester_id, assignee_id }: People,
  added: readonly Pick<ParticipantRow, 'user_id' | 'role'>[],
  view: View,
): Map<string, ParticipantRole[]> {
  const isShown = (role: ParticipantRole): boolean => view === 'staff' || role === 'requester' || role === 'cc'
  const all: { user_id: string; role: ParticipantRole }[] = [{ user_id: requester_id, role: 'requester' }, ...added]
  if (assignee_id !== null) all.push({ user_id: assignee_id, role: 'assignee' })
  const roles = new Map<string, ParticipantRole[]>()
  for (const { user_id, role } of all) if (isShown(role)) roles.set(user_id, [...(roles.get(user_id) ?? []), role])
  for (const [id, of] of roles)
    roles.set(
      id,
      participantRoles.filter((role) => of.includes(role)),
    )
  return roles
}

/** What somebody wants to hear who has not said it: who is only cc gets what is written, all others everything. */
export function usualNotify(roles: readonly ParticipantRole[]): Notify {
  return roles.every((role) => role === 'cc') ? 'replies' : 'all'
}

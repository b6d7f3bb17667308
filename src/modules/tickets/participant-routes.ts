import { noContent, ok } from '../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import { VersionConflict } from '../../platform/problems.ts'
import { addParticipant, removeParticipant } from './commands/change-participants.ts'
import { setNotify } from './commands/set-notify.ts'
import {
  AddedParams,
  AddedRole,
  Participant,
  ParticipantChanges,
  ParticipantList,
  ParticipantParams,
  ParticipantQuery,
} from './participant-schema.ts'
import { listParticipants, placeOf, toParticipant } from './participants.ts'
import { TicketClosed, TooManyParticipants } from './problems.ts'
import { getVisibleTicket } from './queries.ts'
import { answerTicket } from './routes.ts'
import { Ticket, TicketParams } from './schema.ts'

const read = { roles: everyone, scope: 'tickets:read' }
const write = { roles: everyone, scope: 'tickets:write' }
const tag = 'Participants'

/** Who takes part in a ticket. */
export function participantRoutes({ cursors }: { cursors: Cursors }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/participants',
      operationId: 'listTicketParticipants',
      summary: 'List who takes part',
      description:
        'Everybody who takes part in a ticket, each once with all his roles: the requester, the assignee, then cc and followers as they were added. Requesters see the requester and who is cc, and `notify` of themselves alone.',
      tag,
      access: read,
      params: TicketParams,
      query: ParticipantQuery,
      answers: { 200: ParticipantList },
      handle: async ({ actor, params, query, db }) => {
        const { limit = 25, cursor } = query
        const bound = { list: 'participants', ticket: params.ticket }
        const after = cursors.read(bound, cursor)
        const ticket = await getVisibleTicket(db, actor, params.ticket)
        // At most some two hundred: read in one go, and cut here.
        const people = await listParticipants(db, ticket)
        const rest = after ? people.filter((one) => isBehind(one, after)) : people
        const page = toPage(rest.slice(0, limit + 1), {
          limit,
          toObject: (one) => toParticipant(one, ticket, actor),
          cursorAfter: (one) => cursors.write(bound, { key: placeOf(one), id: one.user_id }),
        })
        return answerList(page, { path: `/v1/tickets/${encodeURIComponent(params.ticket)}/participants`, query })
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/tickets/:ticket/participants/:user_id',
      operationId: 'addTicketParticipant',
      summary: 'Add a participant',
      description:
        'Adds somebody as `cc`, who takes part in the public side, or an agent as `follower`, who sees both. A requester may add colleagues of his organization as cc to his own tickets. An address that nobody has yet gets, from staff, a person of its own.',
      tag,
      access: write,
      params: AddedParams,
      body: AddedRole,
      answers: { 200: Ticket },
      problems: [VersionConflict, TicketClosed, TooManyParticipants],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) =>
          answerTicket(await addParticipant(tx, actor, { ...params, role: body.role ?? 'cc', if_match }), actor),
        ),
    }),
    route({
      method: 'PATCH',
      path: '/v1/tickets/:ticket/participants/:user_id',
      operationId: 'updateTicketParticipant',
      summary: 'Say what you want to hear',
      description:
        'Keeps what a participant wants to hear of this ticket; admins may say it for others. Who has not said it hears `all`, who is only cc `replies`. It is no change of the ticket, works on closed ones, and is remembered when somebody leaves and comes back.',
      tag,
      access: write,
      params: ParticipantParams,
      body: ParticipantChanges,
      answers: { 200: Participant },
      handle: ({ actor, params, body, transact }) =>
        transact(async (tx) => {
          const { ticket, person } = await setNotify(tx, actor, { ...params, ...body })
          return ok(toParticipant(person, ticket, actor), { subject: { id: ticket.id, view: ticket.view } })
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/tickets/:ticket/participants/:user_id',
      operationId: 'removeTicketParticipant',
      summary: 'Remove a participant',
      description: 'Takes somebody out of a ticket, as cc, or as follower by `role=follower`. Anybody may take himself out.',
      tag,
      access: write,
      params: ParticipantParams,
      query: AddedRole,
      answers: { 204: null },
      problems: [VersionConflict, TicketClosed],
      handle: ({ actor, params, query, if_match, transact }) =>
        transact(async (tx) => {
          await removeParticipant(tx, actor, { ...params, role: query.role ?? 'cc', if_match })
          return noContent()
        }),
    }),
  ]
}

function isBehind(person: Parameters<typeof placeOf>[0], { key, id }: { key: string | number; id: string }): boolean {
  const place = placeOf(person)
  return place > Number(key) || (place === Number(key) && person.user_id > id)
}

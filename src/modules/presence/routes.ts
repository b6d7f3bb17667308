import type { Actor } from '../../platform/actor.ts'
import { noContent, ok } from '../../platform/http/answer.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import { getVisibleTicket, type SeenTicket, TicketParams } from '../tickets/index.ts'
import type { Side, View } from './lease.ts'
import { absent } from './present.ts'
import * as shape from './schema.ts'

const read = { roles: everyone, scope: 'tickets:read' }
const write = { roles: everyone, scope: 'tickets:write' }
const tag = 'Realtime'
const path = '/v1/tickets/:ticket/presence'

/** What routes ask of who is here. */
interface WhoIsHere {
  say(
    actor: Actor,
    said: { ticket: string; holder: string; viewing?: boolean; writing?: Side | null },
  ): Promise<Pick<SeenTicket, 'id'>>
  here(ticket_id: string, reader: View): shape.Presence[]
}

/** Who is in a ticket, for clients that cannot say it over a WebSocket. */
export function presenceRoutes({ say, here }: WhoIsHere): Route[] {
  // Who asks one request at a time is one device.
  const holderOf = ({ id }: Actor): string => `rest:${id}`
  return [
    route({
      method: 'GET',
      path,
      operationId: 'listTicketPresence',
      summary: 'List who is in a ticket',
      description:
        'Who looks at a ticket at present, and who is writing in it, in the order in which they came, at most 200. Requesters are not told who of the staff looks at it, nor who writes a note. Streams tell of it as it changes.',
      tag,
      access: read,
      params: TicketParams,
      answers: { 200: shape.PresenceList },
      handle: async ({ actor, params, db }) => {
        const { id, view } = await getVisibleTicket(db, actor, params.ticket)
        return ok({ object: 'list', data: here(id, view), has_more: false, next_cursor: null })
      },
    }),
    route({
      method: 'PUT',
      path,
      operationId: 'sayTicketPresence',
      summary: 'Say that you are in a ticket',
      description:
        'Says that you look at a ticket, or write in it, for clients that hear by an event stream and so cannot say it there. It ends by itself: say `viewing` again every twenty seconds, and `typing` every three. It is no change of the ticket, and is written down nowhere. Only who works on the ticket writes what is `internal`. In at most 50 tickets at a time: what you said longest ago ends first.',
      tag,
      access: write,
      momentary: true,
      params: TicketParams,
      body: shape.PresenceChanges,
      answers: { 200: shape.Presence },
      handle: async ({ actor, params, body }) => {
        const { viewing, typing: writing } = body
        const said = { ...(viewing === undefined ? {} : { viewing }), ...(writing === undefined ? {} : { writing }) }
        const { id } = await say(actor, { ...params, holder: holderOf(actor), ...said })
        // Everybody may know all of himself.
        return ok(here(id, 'staff').find(({ user }) => user.id === actor.id) ?? absent(actor))
      },
    }),
    route({
      method: 'DELETE',
      path,
      operationId: 'endTicketPresence',
      summary: 'Say that you have left a ticket',
      description:
        'Ends what you said by `PUT`, at once. What another device of yours says over a WebSocket stays as long as that says it.',
      tag,
      access: write,
      momentary: true,
      params: TicketParams,
      answers: { 204: null },
      handle: async ({ actor, params }) => {
        await say(actor, { ...params, holder: holderOf(actor), viewing: false, writing: null })
        return noContent()
      },
    }),
  ]
}

import assert from 'node:assert/strict'
import type { Caller, Desk, Json } from './desk.ts'

// What the log tells is what is read: events that are folded give the same desk as the answers of the API.

/** A ticket as far as the log tells of it. */
export interface ReplayedTicket {
  status: string
  merged_into_id: string | null
  /** `user_id role`, but for the one who raised it. */
  participants: Set<string>
  /** Those that it got since it was raised. */
  tags: Set<string>
  /** More messages moved than the log names, from a ticket or to one of which this reader sees nothing: he has to read the conversation anew. */
  isToBeRead: boolean
}

interface ReplayedMessage {
  ticket_id: string
  addressed_ticket_id: string
  /** The merges that brought it to where it is, and are not undone. */
  brought_by: Set<string>
  /** Where the log tells of it. */
  position: number
}

interface ReplayedMerge {
  id: string
  ticket_id: string
  into_id: string
  message_ids: string[]
  position: number
}

/** A desk as one reader of the log has it. */
export interface Replayed {
  tickets: Map<string, ReplayedTicket>
  messages: Map<string, ReplayedMessage>
}

/** Folds events, in order, into a desk. Types that tell of nothing here are passed over. */
export function replay(events: readonly Json[]): Replayed {
  const tickets: Replayed['tickets'] = new Map()
  const messages: Replayed['messages'] = new Map()
  const merges = new Map<string, ReplayedMerge>()

  // What comes from a ticket that this reader does not see is new to him.
  const take = ({ position, ticket_id, data }: Json): void => {
    for (const id of data.message_ids) {
      if (messages.has(id)) continue
      const brought_by = new Set<string>(data.merge_id ? [data.merge_id] : [])
      messages.set(id, { ticket_id, addressed_ticket_id: data.from_ticket_id, brought_by, position })
    }
  }
  const isWhole = ({ data }: Json): boolean => data.message_ids.length === data.message_count

  const doubt = (id: string): void => {
    const ticket = tickets.get(id)
    if (ticket) ticket.isToBeRead = true
  }
  const family = (id: string): string[] => [
    id,
    ...[...merges.values()].filter(({ into_id }) => into_id === id).flatMap(({ ticket_id }) => family(ticket_id)),
  ]
  const changeOf: Record<string, (event: Json, ticket: ReplayedTicket | undefined) => void> = {
    'ticket.created': ({ ticket_id, data }) => {
      const nothing = { participants: new Set<string>(), tags: new Set<string>() }
      tickets.set(ticket_id, { status: data.status, merged_into_id: null, isToBeRead: false, ...nothing })
    },
    'ticket.deleted': ({ ticket_id }) => {
      tickets.delete(ticket_id)
      for (const [id, message] of messages) if (message.ticket_id === ticket_id) messages.delete(id)
    },
    'ticket.status_changed': ({ data }, ticket) => {
      if (ticket) ticket.status = data.status
    },
    'ticket.tagged': ({ data }, ticket) => {
      for (const tag of data.tags) ticket?.tags.add(tag)
    },
    'ticket.untagged': ({ data }, ticket) => {
      for (const tag of data.tags) ticket?.tags.delete(tag)
    },
    'ticket.participant_added': ({ data }, ticket) => {
      ticket?.participants.add(`${data.user_id} ${data.role}`)
    },
    'ticket.participant_removed': ({ data }, ticket) => {
      ticket?.participants.delete(`${data.user_id} ${data.role}`)
    },
    'ticket.absorbed': (event, ticket) => {
      take(event)
      if (!isWhole(event) && tickets.get(event.data.from_ticket_id)?.isToBeRead !== false && ticket) ticket.isToBeRead = true
    },
    'ticket.parted': (event, ticket) => {
      const { from_ticket_id, message_ids } = event.data
      // Where he sees the other ticket as well, its own event has moved them back before.
      for (const id of message_ids) if (messages.get(id)?.ticket_id === event.ticket_id) messages.delete(id)
      if (!isWhole(event) && !tickets.has(from_ticket_id) && ticket) ticket.isToBeRead = true
    },
    'ticket.split_off': take,
    'message.created': ({ ticket_id, position, data }) => {
      assert.ok(!messages.has(data.message_id), `${data.message_id} was written twice`)
      const addressed_ticket_id = data.addressed_ticket_id ?? ticket_id
      messages.set(data.message_id, { ticket_id, addressed_ticket_id, brought_by: new Set(), position })
    },
    'ticket.split': ({ data }) => {
      for (const id of data.message_ids) {
        const message = messages.get(id)
        if (!message) doubt(data.into_ticket_id)
        else Object.assign(message, { ticket_id: data.into_ticket_id, brought_by: new Set() })
      }
    },
    'ticket.merged': ({ ticket_id, position, data }, ticket) => {
      const { merge_id: id, into_ticket_id: into_id } = data
      if (ticket) ticket.merged_into_id = into_id
      const moved = [...messages].filter(([, message]) => message.ticket_id === ticket_id)
      for (const [, message] of moved) {
        message.ticket_id = into_id
        message.brought_by.add(id)
      }
      merges.set(id, { id, ticket_id, into_id, message_ids: moved.map(([message_id]) => message_id), position })
    },
    'ticket.unmerged': ({ ticket_id, data }, ticket) => {
      const merge = merges.get(data.merge_id)
      assert.ok(merge, `${data.merge_id} was undone before it was made`)
      if (ticket) ticket.merged_into_id = null
      if (tickets.get(merge.into_id)?.isToBeRead) doubt(ticket_id)
      const own = family(ticket_id)
      merges.delete(merge.id)
      const others = new Set([...merges.values()].filter(({ into_id }) => into_id === merge.into_id).map(({ id }) => id))
      for (const [id, message] of messages) {
        if (message.ticket_id !== merge.into_id) continue
        const isSince =
          message.position > merge.position &&
          own.includes(message.addressed_ticket_id) &&
          ![...message.brought_by].some((one) => others.has(one))
        if (!merge.message_ids.includes(id) && !isSince) continue
        message.ticket_id = ticket_id
        message.brought_by.delete(merge.id)
      }
    },
  }
  for (const event of events) changeOf[event.type]?.(event, tickets.get(event.ticket_id))
  return { tickets, messages }
}

/** Everything that a reader of the log sees behind a position. */
export async function readLog(caller: Caller, after = 0): Promise<Json[]> {
  const events: Json[] = []
  for (let more = true, place = after; more; ) {
    const { body } = await caller.get(`/v1/events?limit=100&after=${place}`)
    events.push(...body.data)
    more = body.has_more
    place = body.next_after
  }
  return events
}

/** Fails unless the log behind a position, folded, gives the tickets that it tells of as this reader reads them. */
export async function assertReplayed(
  desk: Desk,
  { caller, side, after }: { caller: Caller; side: 'public' | 'staff'; after?: number },
): Promise<void> {
  await desk.settle()
  const folded = replay(await readLog(caller, after))
  for (const [id, told] of folded.tickets) {
    const reply = await caller.get(`/v1/tickets/${id}`)
    assert.equal(reply.status, 200, reply.text)
    const { status, merged_into_id = null, tags } = reply.body
    assert.deepEqual([told.status, told.merged_into_id], [status, merged_into_id], `status of ${id}`)
    if (side === 'staff') assert.deepEqual([...told.tags].sort(), tags, `tags of ${id}`)
    assert.deepEqual([...told.participants].sort(), await participantsOf(desk, { id, side }), `participants of ${id}`)
    if (told.isToBeRead) continue
    const messages = [...folded.messages].filter(([, message]) => message.ticket_id === id).map(([message]) => message)
    assert.deepEqual(messages.sort(), await messagesIn(desk, { id, side }), `messages of ${id}`)
    assert.equal(reply.body.message_count, messages.length, `number of messages of ${id}`)
  }
}

async function participantsOf(desk: Desk, { id, side }: { id: string; side: 'public' | 'staff' }): Promise<string[]> {
  const rows = await desk.query('select user_id, role from ticket_participants where ticket_id = ?', [id])
  return rows
    .filter(({ role }) => side === 'staff' || role === 'cc')
    .map(({ user_id, role }) => `${user_id} ${role}`)
    .sort()
}

async function messagesIn(desk: Desk, { id, side }: { id: string; side: 'public' | 'staff' }): Promise<string[]> {
  const rows = await desk.query('select id, visibility from messages where ticket_id = ?', [id])
  return rows
    .filter(({ visibility }) => side === 'staff' || visibility === 'public')
    .map((row) => row.id)
    .sort()
}

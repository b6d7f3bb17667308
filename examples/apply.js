// What a client holds, and how an event of the log changes it: the same for a snapshot and for what came after it.

/**
 * @typedef {{ id: string, version: number, [key: string]: any }} Ticket
 * @typedef {{ id: string, version: number, ticket_id: string, [key: string]: any }} Message
 * @typedef {Ticket & { messages?: Message[], position?: number }} Snapshot `GET /v1/tickets/{ticket}?include=messages,position`
 * @typedef {{ position: number, type: string, subject: { type: string, id: string }, ticket_id: string | null, object: any, ticket?: any }} Event
 * @typedef {object} Held
 * @property {number | undefined} position what happened up to here is in it
 * @property {Map<string, Ticket>} tickets by id
 * @property {Map<string, Message>} messages by id, of all these tickets
 * @property {Set<string>} stale tickets whose conversation is to be read anew: `load` them, then go on
 */

/** @returns {Held} */
export const nothing = () => ({ position: undefined, tickets: new Map(), messages: new Map(), stale: new Set() })

/** Takes in a ticket as it was read. What it had before, and has no more, is gone. @param {Held} held @param {Snapshot} snapshot */
export function load(held, { messages = [], position, ...ticket }) {
  held.position ??= position
  for (const { id, ticket_id } of held.messages.values()) if (ticket_id === ticket.id) held.messages.delete(id)
  for (const message of messages) keepNewest(held.messages, message)
  keepNewest(held.tickets, ticket)
  held.stale.delete(ticket.id)
}

/** Takes in an event of a stream, or of `GET /v1/events?include=object,ticket`; a repeat changes nothing. @param {Held} held @param {Event} event */
export function apply(held, { position, type, subject, ticket_id, object, ...more }) {
  if (held.position !== undefined && position <= held.position) return
  held.position = position
  const ticket = subject.type === 'ticket' ? object : more.ticket
  // What was said in it before is not known.
  if (ticket && type !== 'ticket.created' && !held.tickets.has(ticket.id)) held.stale.add(ticket.id)
  if (ticket_id !== null && ticket === null) return forget(held, ticket_id)
  if (ticket) keepNewest(held.tickets, ticket)
  // Both are as of now, not as of then: what is null was taken away since, or made internal.
  if (object?.object === 'message') keepNewest(held.messages, object)
  else if (subject.type === 'message') held.messages.delete(subject.id)
  // Here messages came and went without an event of their own.
  if (ticket_id !== null && /^ticket\.(merged|unmerged|absorbed|parted|split|split_off)$/.test(type)) held.stale.add(ticket_id)
}

/** Drops a ticket that was deleted, left the topic, or is not to be seen any more. @param {Held} held @param {string} ticket_id */
export function forget(held, ticket_id) {
  held.tickets.delete(ticket_id)
  held.stale.delete(ticket_id)
  for (const { id, ticket_id: of } of held.messages.values()) if (of === ticket_id) held.messages.delete(id)
}

/** Begins again behind a position, as a `reset` asks: all that was held is to be read anew. @param {Held} held @param {number} position */
export function reset(held, position) {
  held.position = position
  for (const id of held.tickets.keys()) held.stale.add(id)
  held.tickets.clear()
  held.messages.clear()
}

/** @param {Map<string, any>} known @param {{ id: string, version: number }} one */
function keepNewest(known, one) {
  if (one.version >= (known.get(one.id)?.version ?? 0)) known.set(one.id, one)
}

import type { Caller, Json } from '../desk.ts'
import type { Family } from './family.ts'

async function everyPage(caller: Caller, path: string): Promise<Json[]> {
  const found: Json[] = []
  for (let cursor = ''; ; ) {
    const { status, body } = await caller.get(`${path}?limit=100${cursor}`)
    if (status !== 200) return found
    found.push(...body.data)
    if (!body.has_more) return found
    cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`
  }
}

/** What is not as everybody was told. */
export async function findings(family: Family): Promise<string[]> {
  const { admin, tickets, players } = family
  const wrong: string[] = []
  const held = new Map<string, Json>()
  for (const ticket of tickets) {
    const { body: read } = await admin.get(`/v1/tickets/${ticket}`)
    // What is read under the number of a merged ticket is the conversation that it went into.
    if (read.merged_into_id !== null) continue
    const messages = await everyPage(admin, `/v1/tickets/${ticket}/messages`)
    if (read.message_count !== messages.length) wrong.push(`${ticket} counts ${read.message_count} and has ${messages.length}`)
    for (const message of messages) {
      if (held.has(message.id)) wrong.push(`${message.id} is in two tickets`)
      if (message.ticket_id !== ticket) wrong.push(`${message.id} says that it is elsewhere`)
      held.set(message.id, message)
    }
    const requester = players.find(({ isStaff }) => !isStaff)
    const shown = requester ? await everyPage(requester.person, `/v1/tickets/${ticket}/messages`) : []
    const open = messages.filter(({ visibility }) => visibility === 'public').map(({ id }) => id)
    if (shown.length > 0 && shown.map(({ id }) => id).join() !== open.join())
      wrong.push(`the requester reads ${ticket} differently`)
  }
  let written = 0
  for (const { written: own, drafts, person } of players) {
    for (const [id, { body, visibility, version, isRetracted }] of own) {
      written++
      const message = held.get(id)
      if (!message) wrong.push(`lost: ${id}`)
      else if (message.body !== body || message.visibility !== visibility || message.version < version)
        wrong.push(`${id} says ${message.body} (${message.version}) and was acknowledged as ${body} (${version})`)
      else if ((message.retracted_at !== null) !== isRetracted) wrong.push(`${id} is retracted or not`)
    }
    for (const ticket of tickets) {
      const { status, body } = await person.get(`/v1/tickets/${ticket}/draft`)
      const known = drafts.get(ticket)
      if (known ? body?.body !== known.body || body.version !== known.version : status !== 404)
        wrong.push(`the draft of ${person.name} in ${ticket} is ${status} ${body?.body}, not ${known?.body}`)
    }
  }
  if (held.size !== written) wrong.push(`${held.size} messages are there and ${written} were acknowledged`)
  return wrong
}

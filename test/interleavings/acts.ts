import { randomUUID } from 'node:crypto'
import type { Json, Reply } from '../desk.ts'
import type { Chance } from '../moving/chance.ts'
import type { Family, Player } from './family.ts'

/** What somebody does, by its name. */
type Act = (family: Family, player: Player, chance: Chance) => Promise<[name: string, reply: Reply] | undefined>

const newWords = (): string => `It is still broken (${randomUUID()}).`

/** A ticket by its id or, as often, by its number. */
async function someTicket({ tickets, admin }: Family, chance: Chance): Promise<string> {
  const id = chance.one(tickets)
  return chance.happens(50) ? id : String((await admin.get(`/v1/tickets/${id}`)).body.number)
}

function note(family: Family, player: Player, message: Json): void {
  player.written.set(message.id, {
    body: message.body,
    visibility: message.visibility,
    version: message.version,
    isRetracted: false,
  })
  if (!family.tickets.includes(message.ticket_id)) family.tickets.push(message.ticket_id)
}

const reply: Act = async (family, player, chance) => {
  const body = newWords()
  const answer = await player.person.post(`/v1/tickets/${await someTicket(family, chance)}/messages`, { body })
  if (answer.status === 201) note(family, player, answer.body)
  return ['reply', answer]
}

const writeNote: Act = async (family, player, chance) => {
  if (!player.isStaff) return reply(family, player, chance)
  const given = { body: newWords(), visibility: 'internal' }
  const answer = await player.person.post(`/v1/tickets/${await someTicket(family, chance)}/messages`, given)
  if (answer.status === 201) note(family, player, answer.body)
  return ['note', answer]
}

/** Saves a draft as the version that he knows, or now and then as one that he does not. */
const draft: Act = async (family, player, chance) => {
  const ticket = chance.one(family.tickets)
  const known = player.drafts.get(ticket)
  const isBlind = known !== undefined && chance.happens(20)
  const body = newWords()
  const headers: Record<string, string> = known && !isBlind ? { 'if-match': `"v${known.version}"` } : {}
  const answer = await player.person.put(`/v1/tickets/${ticket}/draft`, { body }, headers)
  if (answer.status < 300) {
    if (isBlind) family.failures.push('a draft was overwritten by one who did not know it')
    player.drafts.set(ticket, { body, version: answer.body.version })
  }
  return ['draft', answer]
}

/** Sends what his draft says, and the draft goes with it. */
const send: Act = async (family, player) => {
  const [ticket, known] = [...player.drafts][0] ?? []
  if (ticket === undefined || known === undefined) return undefined
  const given = { body: known.body, draft_version: known.version }
  const answer = await player.person.post(`/v1/tickets/${ticket}/messages`, given)
  if (answer.status === 201) {
    note(family, player, answer.body)
    player.drafts.delete(ticket)
  }
  return ['send', answer]
}

/** Changes a message of his own, as the version that he knows, wherever it is by now. */
const edit: Act = async (family, player, chance) => {
  const own = [...player.written].filter(([, { isRetracted }]) => !isRetracted)
  if (own.length === 0) return undefined
  const [id, known] = chance.one(own)
  const body = newWords()
  const headers = { 'if-match': `"v${known.version}"` }
  const path = `/v1/tickets/${await placeOfMessage(family, id)}/messages/${id}`
  if (chance.happens(20)) {
    const answer = await player.person.delete(path, headers)
    if (answer.status === 200) player.written.set(id, { ...known, body: '', version: answer.body.version, isRetracted: true })
    return ['retract', answer]
  }
  const answer = await player.person.patch(path, { body }, headers)
  if (answer.status === 200) player.written.set(id, { ...known, body, version: answer.body.version })
  return ['edit', answer]
}

/** The ticket that holds a message as the database knows it: it may be another one a moment later. */
async function placeOfMessage({ desk }: Family, id: string): Promise<string> {
  const [row] = await desk.query('select ticket_id from messages where id = ?', [id])
  return row?.ticket_id
}

const applyMacro: Act = async (family, player, chance) => {
  if (!player.isStaff) return reply(family, player, chance)
  const ticket_id = chance.one(family.tickets)
  const answer = await player.person.post(`/v1/macros/${family.macro}/apply`, { ticket_id })
  if (answer.status === 200) {
    // Nobody else applies it to this ticket as this agent: the newest of his that he did not know is the macro's.
    // He was in other families before.
    const rows = await family.desk.query(
      `select id, body, visibility, version from messages where author_id = ? and ticket_id in (${family.tickets.map(() => '?').join()})`,
      [player.person.id, ...family.tickets],
    )
    for (const row of rows)
      if (row.body.startsWith('Is ') && !player.written.has(row.id)) note(family, player, { ...row, ticket_id })
  }
  return ['macro', answer]
}

const merge: Act = async (family, player, chance) => {
  if (!player.isStaff) return undefined
  const path = `/v1/tickets/${chance.one(family.tickets)}`
  if (chance.happens(40)) return ['unmerge', await player.person.post(`${path}/unmerge`)]
  return ['merge', await player.person.post(`${path}/merge`, { into_ticket_id: chance.one(family.tickets) })]
}

const split: Act = async (family, player, chance) => {
  if (!player.isStaff) return undefined
  const ticket = chance.one(family.tickets)
  const { body } = await player.person.get(`/v1/tickets/${ticket}/messages?limit=100`)
  const ids = chance.some<string>(
    (body?.data ?? []).map(({ id }: Json) => id),
    30,
  )
  if (ids.length === 0) return undefined
  const answer = await player.person.post(`/v1/tickets/${ticket}/split`, { message_ids: ids })
  if (answer.status === 201) family.tickets.push(answer.body.id)
  return ['split', answer]
}

const close: Act = async (family, player, chance) => {
  const path = `/v1/tickets/${chance.one(family.tickets)}`
  if (chance.happens(60)) return ['reopen', await player.person.post(`${path}/reopen`)]
  return ['close', await player.person.post(`${path}/close`, {})]
}

const acts: readonly Act[] = [
  reply,
  reply,
  reply,
  writeNote,
  writeNote,
  draft,
  draft,
  send,
  edit,
  edit,
  applyMacro,
  merge,
  split,
  close,
]

/** One act of somebody, counted; what must not be answered is kept. */
export async function act(family: Family, player: Player, chance: Chance): Promise<void> {
  const done = await chance.one(acts)(family, player, chance)
  if (!done) return
  const [name, { status, text }] = done
  const key = `${name} ${status}`
  family.told.set(key, (family.told.get(key) ?? 0) + 1)
  if (status >= 500 || status === 400 || status === 403) family.failures.push(`${key}: ${text}`)
}

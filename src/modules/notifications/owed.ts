import type { Reader } from '../../platform/database/schema.ts'
import type { StoredEvent } from '../../platform/events.ts'
import type { UserRow } from '../directory/index.ts'
import { isOneAddress } from '../mail/index.ts'
import type { MessageRow } from '../messages/index.ts'
import { factsOf, listParticipants, type SeenTicket, type TicketFacts, whoSees } from '../tickets/index.ts'
import { actOf, type LoadedAct } from './acts.ts'
import { type Happening, type Owed, owedTo, type Side } from './choices.ts'
import { type Preferences, preferencesOf, usualPreferences, whoHearsOfNewTickets } from './preferences.ts'

/** Somebody who is owed a mail for an act, and what decides how it comes to him. */
export interface Recipient extends Owed {
  user: UserRow
  side: Side
  preferences: Preferences
  /** Whether nobody of the staff, or to staff no person, wrote what it says. */
  automatic: boolean
  /** Whether somebody showed that the address is his. */
  is_proven: boolean
}

/** An act, and who is owed what for it. */
export interface Telling {
  act: LoadedAct
  ticket: KnownTicket
  recipients: Recipient[]
}

/** Who is owed what for the act that begins with this event, as of now; undefined where there is nothing to tell, or nobody to tell it to. */
export async function whoIsOwed(db: Reader, event: StoredEvent): Promise<Telling | undefined> {
  const loaded = await actOf(db, event)
  if (!loaded) return undefined
  const ticket = await ticketOf(db, String(event.ticket_id))
  if (!ticket || (await isDecided(db, loaded))) return undefined
  const written = await messagesIn(db, loaded)
  // An auto-reply changes nothing, and so is told to nobody; what came over a budget may be a loop.
  if (written.some(({ mail_trust, mail_quiet }) => mail_trust === 'auto_reply' || mail_quiet === 'all')) return undefined
  const act = { ...loaded, happenings: loaded.happenings.map((one) => withAuthor(one, written)) }
  const people = await candidates(db, ticket, act)
  const recipients: Recipient[] = []
  for (const { user, person, preferences } of people) {
    const owed = owedTo(act, person)
    if (!owed || !isOneAddress(user.email)) continue
    const message = written.find(({ id }) => id === owed.message_id)
    const automatic = isAutomatic(message, person.side)
    if (automatic && message === undefined && (await isMachine(db, ticket, user.id))) continue
    recipients.push({
      ...owed,
      user,
      side: person.side,
      preferences,
      automatic,
      is_proven: await isProven(db, ticket, { user, written }),
    })
  }
  return recipients.length === 0 ? undefined : { act, ticket, recipients }
}

/** Whether this act was decided before: who takes part since is told nothing of it when a delivery comes twice. */
export async function isDecided(db: Reader, { id }: Pick<LoadedAct, 'id'>): Promise<boolean> {
  const mails = db.selectFrom('outbound_mails').select('id').where('event_id', '=', id)
  if (await mails.limit(1).executeTakeFirst()) return true
  const items = db.selectFrom('digest_items').select('id').where('event_id', '=', id)
  return (await items.limit(1).executeTakeFirst()) !== undefined
}

/** A ticket as staff sees it, with those who take part. */
export type KnownTicket = SeenTicket & Pick<TicketFacts, 'participants'>

/** A ticket, or the one that its conversation went into; undefined where it is gone. */
export async function ticketOf(db: Reader, id: string): Promise<KnownTicket | undefined> {
  for (let next: string | null = id; next !== null; ) {
    const facts: Awaited<ReturnType<typeof factsOf>> = await factsOf(db, [next])
    const ticket = facts.get(next)
    if (!ticket || ticket.deleted_at !== null) return undefined
    next = ticket.merged_into_id
    if (next === null) return { ...ticket, view: 'staff' }
  }
  return undefined
}

type Written = Pick<MessageRow, 'id' | 'author_type' | 'author_id' | 'mail_trust' | 'mail_quiet'> & { role: string | null }

async function messagesIn(db: Reader, { happenings }: LoadedAct): Promise<Written[]> {
  const ids = happenings.flatMap((one) => ('message_id' in one ? [one.message_id] : []))
  if (ids.length === 0) return []
  return db
    .selectFrom('messages')
    .leftJoin('users', 'users.id', 'messages.author_id')
    .select([
      'messages.id',
      'messages.author_type',
      'messages.author_id',
      'messages.mail_trust',
      'messages.mail_quiet',
      'users.role',
    ])
    .where('messages.id', 'in', ids)
    .execute()
}

function withAuthor(happening: Happening, written: readonly Written[]): Happening {
  if (happening.what !== 'written') return happening
  const message = written.find(({ id }) => id === happening.message_id)
  return { ...happening, by: message ? authorOf(message) : 'program' }
}

function authorOf({ author_type, role }: Pick<Written, 'author_type' | 'role'>): 'staff' | 'requester' | 'program' {
  if (author_type !== 'user') return 'program'
  return role === 'requester' ? 'requester' : 'staff'
}

/** What staff writes is not automatic, nor what any person writes to staff. */
function isAutomatic(message: Written | undefined, side: Side): boolean {
  if (!message) return true
  const author = authorOf(message)
  return side === 'staff' ? author === 'program' : author !== 'staff'
}

/** Whether all that somebody wrote in a ticket by mail was written by a machine, or to many: no machine answers that (RFC 3834 §2). */
async function isMachine(db: Reader, { id }: Pick<SeenTicket, 'id'>, user_id: string): Promise<boolean> {
  const own = db.selectFrom('messages').select('id').where('ticket_id', '=', id).where('author_id', '=', user_id).limit(1)
  if (!(await own.where('mail_quiet', '=', 'sender').executeTakeFirst())) return false
  return (await own.where('mail_trust', 'is not', null).where('mail_quiet', 'is', null).executeTakeFirst()) === undefined
}

/** Everybody who may have to be told, who is active and sees the ticket. */
async function candidates(db: Reader, ticket: KnownTicket, act: LoadedAct) {
  const taking = await listParticipants(db, ticket)
  const named = act.happenings.flatMap((one) => {
    if (one.what === 'assigned') return one.assignee_id ?? []
    return one.what === 'mentioned' ? one.user_id : []
  })
  const isNew = act.happenings.some((one) => one.what === 'raised' && !one.is_assigned)
  const ids = [...new Set([...taking.map((one) => one.user_id), ...named, ...(isNew ? await whoHearsOfNewTickets(db) : [])])]
  const seeing = await whoSees(db, ticket, ids)
  const said = await preferencesOf(db, [...seeing.keys()])
  return [...seeing.values()].map(({ user, view: side }) => {
    const part = taking.find((one) => one.user_id === user.id)
    const preferences = said.get(user.id) ?? usualPreferences
    const { roles = [], notify = null } = part ?? {}
    return { user, preferences, person: { user_id: user.id, side, roles, notify, choices: preferences.choices } }
  })
}

/**
 * Whether an address was proven: verified, set by an admin, or that of somebody whose mail in this ticket came with an aligned
 * signature. For a mail whose sender could not be checked it never is: somebody else may have sent it.
 */
async function isProven(
  db: Reader,
  ticket: Pick<SeenTicket, 'id'>,
  { user, written }: { user: UserRow; written: readonly Written[] },
): Promise<boolean> {
  const own = written.filter(({ author_id }) => author_id === user.id)
  if (own.some(({ mail_trust }) => mail_trust === 'unverified')) return false
  if (user.email_verified_at !== null || own.some(({ mail_trust }) => mail_trust === 'verified')) return true
  const checked = await db
    .selectFrom('messages')
    .select('id')
    .where('ticket_id', '=', ticket.id)
    .where('author_id', '=', user.id)
    .where('mail_trust', '=', 'verified')
    .limit(1)
    .executeTakeFirst()
  return checked !== undefined
}

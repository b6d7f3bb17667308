import type { Actor } from '../../platform/actor.ts'
import { systemActor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { personAsOfNow } from '../accounts/index.ts'
import { getQueue } from '../desk/index.ts'
import type { UserRow } from '../directory/index.ts'
import { findReferences, isOurMessageId, isReplyTokenOf, type MailKeys, readMessageId, readReplyAddress } from '../mail/index.ts'
import { findConversation, findVisibleTicket, isOwner, participantsOf, type SeenTicket } from '../tickets/index.ts'
import type { Thread, ThreadedBy } from './deciding.ts'
import type { ParsedMail } from './parsed-mail.ts'

/** What leads to a ticket: a mail's addresses, the mails that it names, and its subject. */
export interface Leads {
  mail: Pick<ParsedMail, 'to' | 'cc' | 'delivered_to' | 'in_reply_to' | 'references' | 'subject'>
  envelope_to: readonly string[]
  mailbox_id: string | null
  /** Whom `From` names, if he is known: nothing shows yet that it is he. */
  user: Pick<UserRow, 'id'> | undefined
}

/** A thread, how sure it is, and what else was looked at. */
export interface Found {
  thread: Thread | null
  /** What led nowhere, and why. */
  passed_over: { by: ThreadedBy; reason: string }[]
}

export const CONFIDENCE: Readonly<Record<ThreadedBy, number>> = {
  reply_address: 1,
  message_id: 0.95,
  reference: 0.8,
  subject: 0.6,
}

const ADDRESSES_MAX = 50
const REFERENCES_MAX = 100
const NUMBER = /\[#(\d{1,12})\]/g
const NUMBERS_MAX = 3

/** As whom somebody is looked at whose mail counts on the public side only: an agent is then one of the others. */
export function onPublicSide(actor: Actor): Actor {
  return actor.role === 'requester' ? actor : { ...actor, role: 'requester', queue_ids: [] }
}

/**
 * The ticket that a mail belongs to, first hit wins: by a reply address, by a Message-ID that we signed, by a Message-ID that came to the
 * same mailbox from a conversation of its sender, by a number in its subject. The last two count for participants only: a header or a
 * number alone never opens a thread to a stranger.
 */
export async function findThread(db: Reader, leads: Leads, keys: MailKeys): Promise<Found> {
  const passed_over: Found['passed_over'] = []
  const actor = leads.user ? await personAsOfNow(db, leads.user.id) : null
  for (const [by, look] of looks) {
    const hit = await look(db, { leads, keys, actor, passedOver: (reason) => void passed_over.push({ by, reason }) })
    if (hit) return { thread: await asThread(db, { by, ...hit }, actor), passed_over }
  }
  return { thread: null, passed_over: passed_over.slice(0, 16) }
}

interface Look {
  leads: Leads
  keys: MailKeys
  /** Whom `From` names, with his rights of now. */
  actor: Actor | null
  passedOver(reason: string): void
}

interface Hit {
  ticket: SeenTicket
  party_id: string | null
}

const looks: readonly [ThreadedBy, (db: Reader, look: Look) => Promise<Hit | undefined>][] = [
  ['reply_address', byReplyAddress],
  ['message_id', byMessageId],
  ['reference', byReference],
  ['subject', bySubject],
]

async function byReplyAddress(db: Reader, { leads, keys, passedOver }: Look): Promise<Hit | undefined> {
  const { mail, envelope_to } = leads
  const addresses = [...envelope_to, ...mail.delivered_to, ...[...mail.to, ...mail.cc].map(({ address }) => address)]
  for (const address of new Set(addresses.slice(0, ADDRESSES_MAX))) {
    const token = readReplyAddress(address)
    if (!token) continue
    const key = await keys.find(db, token.key_id)
    const ticket = await findVisibleTicket(db, systemActor, String(token.number))
    if (!key) passedOver('key_retired')
    else if (!ticket) passedOver('no_ticket')
    else {
      for (const user_id of await possibleParties(db, ticket, leads.user))
        if (isReplyTokenOf(token, { ticket_id: ticket.id, user_id }, key)) return { ticket, party_id: user_id }
      passedOver('wrong_token')
    }
  }
  return undefined
}

/** Whom a token of this ticket may have been made for: its sender above all, and who takes part. */
async function possibleParties(db: Reader, ticket: SeenTicket, user: Leads['user']): Promise<Set<string>> {
  const others = await participantsOf(db, ticket.id)
  return new Set([
    ...(user ? [user.id] : []),
    ticket.requester_id,
    ...(ticket.assignee_id === null ? [] : [ticket.assignee_id]),
    ...others.map(({ user_id }) => user_id),
  ])
}

/** The mails that a mail names, the nearest first. */
function namedBy({ in_reply_to, references }: Leads['mail']): string[] {
  return [...new Set([...in_reply_to.slice(0, REFERENCES_MAX), ...references.slice(-REFERENCES_MAX).toReversed()])]
}

async function byMessageId(db: Reader, { leads, keys, passedOver }: Look): Promise<Hit | undefined> {
  for (const header of namedBy(leads.mail)) {
    const id = readMessageId(header)
    if (!id) continue
    const key = await keys.find(db, id.key_id)
    if (!key) passedOver('key_retired')
    else if (!isOurMessageId(id, key)) passedOver('wrong_signature')
    else {
      const ticket = await findVisibleTicket(db, systemActor, id.ticket_id)
      if (ticket) return { ticket, party_id: id.user_id }
      passedOver('no_ticket')
    }
  }
  return undefined
}

async function byReference(db: Reader, { leads, actor, passedOver }: Look): Promise<Hit | undefined> {
  for (const { mailbox_id, ticket_id } of await findReferences(db, namedBy(leads.mail))) {
    if (mailbox_id !== leads.mailbox_id) passedOver('other_mailbox')
    else if (!(await takesPart(db, actor, ticket_id))) passedOver('no_participant')
    else {
      const ticket = await findVisibleTicket(db, systemActor, ticket_id)
      if (ticket) return { ticket, party_id: null }
    }
  }
  return undefined
}

async function bySubject(db: Reader, { leads, actor, passedOver }: Look): Promise<Hit | undefined> {
  const numbers = [...leads.mail.subject.slice(0, 1000).matchAll(NUMBER)].map(([, number = '']) => String(Number(number)))
  for (const number of new Set(numbers.slice(0, NUMBERS_MAX))) {
    if (!(await takesPart(db, actor, number))) passedOver('no_participant')
    else {
      const ticket = await findVisibleTicket(db, systemActor, number)
      if (ticket) return { ticket, party_id: null }
    }
  }
  return undefined
}

async function takesPart(db: Reader, actor: Actor | null, ticket: string): Promise<boolean> {
  return actor !== null && (await findVisibleTicket(db, onPublicSide(actor), ticket)) !== undefined
}

async function asThread(db: Reader, { by, ticket, party_id }: Hit & { by: ThreadedBy }, actor: Actor | null): Promise<Thread> {
  const whole = (await findConversation(db, systemActor, ticket)) ?? ticket
  const person = actor && onPublicSide(actor)
  const seen = person ? await findVisibleTicket(db, person, ticket.id) : undefined
  const open = person && seen && (await findConversation(db, person, seen))
  const { unverified_mail } = await getQueue(db, whole.queue_id)
  return {
    by,
    ticket_id: ticket.id,
    party_id,
    is_participant: seen !== undefined,
    takes_replies:
      person !== null && seen !== undefined && (isOwner(person, seen) || (open != null && open.status_category !== 'closed')),
    is_worked_on: actor !== null && (await findVisibleTicket(db, actor, whole.id))?.view === 'staff',
    is_closed: whole.status_category === 'closed',
    unverified_mail,
  }
}

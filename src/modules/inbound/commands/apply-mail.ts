import { isDeepStrictEqual } from 'node:util'
import { type Actor, systemActor } from '../../../platform/actor.ts'
import { news } from '../../../platform/events.ts'
import { Problem } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { personAsOfNow } from '../../accounts/index.ts'
import { type Brought, writeDownBrought } from '../../attachments/index.ts'
import { postMessage } from '../../conversation/index.ts'
import { createUser, EmailTaken, findUserByEmail, type UserRow, updateUser } from '../../directory/index.ts'
import { linkTickets } from '../../links/index.ts'
import { type MailKeys, mailLoopTripped, rememberReference } from '../../mail/index.ts'
import { findMailboxByAddress } from '../../mailboxes/index.ts'
import type { MessageMail, SignedMessage, Text } from '../../messages/index.ts'
import {
  addMessage,
  addParticipant,
  changeTicket,
  getConversation,
  getVisibleTicket,
  isOwner,
  participantsOf,
  raiseTicket,
} from '../../tickets/index.ts'
import { overBudget, spentBudget } from '../budgets.ts'
import { leftOut, textOf, withBanner, withImages } from '../contents.ts'
import type { Decision } from '../deciding.ts'
import type { Step } from '../explain.ts'
import { type Examined, type Judgement, judge, recipientsOf } from '../judging.ts'
import { subjectOf } from '../sender.ts'
import { onPublicSide } from '../threading.ts'
import { rememberStep } from './remember-step.ts'

/** A mail that is applied: what is known of it, and its files, which lie in the store. */
export interface Applied {
  examined: Examined
  /** As many as a message takes, in their order. */
  brought: readonly Brought[]
  keys: MailKeys
}

/** It is decided otherwise than it was when its files were brought in: it is begun again. */
export class Undecided extends Error {
  override name = 'Undecided'
}

/** Whether a mail's files are needed. */
export function takesFiles(decision: Decision): boolean {
  return decision.do === 'reply' || decision.do === 'note' || decision.do === 'raise'
}

type Effect = Extract<Decision, { do: 'reply' | 'note' | 'raise' }>

/** How many people a mail brings into a ticket. */
const CC_MAX = 20
const PEOPLE_MAX = 100

/** Does what a mail asks for, and ends it, in one transaction. A mail that was applied before has no second effect. */
export async function applyMail(tx: Tx, applied: Applied & { routed: Judgement }): Promise<void> {
  const { examined, keys, routed } = applied
  const { row, classified, authenticated } = examined
  const { decision, user, thread, steps } = await judge(tx.db, examined, keys)
  // Holds the row, or throws: nobody else works on the mail until the end.
  const held = await rememberStep(tx, row, {}, ...(isDeepStrictEqual(decision, routed.decision) ? [] : steps))
  if (held.message_id !== null) {
    await rememberStep(tx, row, { state: 'applied', reason: 'already_applied' }, { step: 'applied', already: true })
    return
  }
  if (decision.do === 'ignore' || decision.do === 'quarantine') {
    const state = decision.do === 'ignore' ? ('ignored' as const) : ('quarantined' as const)
    const about = { ticket_id: thread?.ticket_id ?? null, user_id: user?.id ?? null }
    await rememberStep(
      tx,
      row,
      { state, reason: decision.reason, ...about },
      { step: state === 'ignored' ? 'applied' : 'quarantined', reason: decision.reason },
    )
    return
  }
  if (!takesFiles(routed.decision)) throw new Undecided()
  const ticket_id = decision.do === 'raise' ? null : decision.ticket_id
  const { aligned: is_aligned } = authenticated
  const spending = { inbound_id: row.id, ticket_id, from_key: row.from_key ?? '', mailbox_id: held.mailbox_id, is_aligned }
  const spent = await spentBudget(tx.db, spending, tx.now)
  const quiet = spent || classified.kind === 'auto_reply' ? 'all' : classified.kind === 'normal' ? null : 'sender'
  const done = await take(tx, { ...applied, decision, user, mail_quiet: quiet })
  const { message, person_id } = done
  if (spent?.is_first) await announceLoop(tx, { ticket_id: message.ticket_id, scope: spent.scope, user_id: person_id })
  await rememberStep(
    tx,
    row,
    {
      state: 'applied',
      reason: spent ? overBudget(spent.scope) : decision.reason,
      ticket_id: message.ticket_id,
      message_id: message.id,
      user_id: person_id,
    },
    ...done.steps,
    {
      step: 'applied',
      ticket_id: message.ticket_id,
      message_id: message.id,
      ...(spent ? { over_budget: spent.scope } : {}),
      quiet,
    },
  )
}

interface Taken extends Applied {
  decision: Effect
  user: UserRow | undefined
  mail_quiet: MessageMail['mail_quiet']
}

interface Done {
  message: SignedMessage
  person_id: string | null
  steps: Step[]
}

async function take(tx: Tx, taken: Taken): Promise<Done> {
  const { decision } = taken
  switch (decision.do) {
    case 'note':
      return note(tx, { ...taken, decision })
    case 'reply':
      return reply(tx, { ...taken, decision })
    case 'raise':
      return raise(tx, { ...taken, decision })
  }
}

/** Beckon keeps the mail in its ticket, for staff alone: nobody is called by it, nothing wakes. */
async function note(tx: Tx, taken: Taken & { decision: Effect & { do: 'note' } }): Promise<Done> {
  const { decision, user } = taken
  const { sender, authenticated } = taken.examined
  const ticket = await getConversation(tx.db, systemActor, decision.ticket_id, 'for update')
  const { text, attachment_ids } = await contentOf(tx, systemActor, taken)
  const { name = '', address = '' } = 'address' in sender ? sender : {}
  const { message } = await addMessage(tx, systemActor, {
    ticket,
    text: withBanner(text, { decision, name, address, aligned: authenticated.aligned }),
    visibility: 'internal',
    attachment_ids,
    addressed_ticket_id: decision.ticket_id,
    mail: mailOf(taken, decision.trust),
    wakes: false,
  })
  return { message, person_id: user?.id ?? null, steps: [] }
}

/** Its author answers, by the very rules by which he does over the API. */
async function reply(tx: Tx, taken: Taken & { decision: Effect & { do: 'reply' } }): Promise<Done> {
  const { decision, examined } = taken
  const user = await proven(tx, taken)
  const person = await actorOf(tx, user.id)
  const actor = decision.as === 'agent' ? person : onPublicSide(person)
  const { text, attachment_ids } = await contentOf(tx, actor, taken)
  const { message, ticket } = await postMessage(tx, actor, {
    ticket: decision.ticket_id,
    text,
    visibility: 'public',
    client_id: examined.row.id,
    attachment_ids,
    mail: mailOf(taken, 'verified'),
  })
  await remember(tx, taken, message, user.id)
  const steps: Step[] = []
  if (decision.as === 'participant' && isOwner(actor, ticket)) {
    const there = await participantsOf(tx.db, ticket.id)
    const coming = (await colleaguesIn(tx, examined, user)).filter(
      (id) => !there.some((one) => one.user_id === id && one.role === 'cc'),
    )
    const room = PEOPLE_MAX - there.filter(({ role }) => role === 'cc').length
    for (const user_id of coming.slice(0, Math.max(0, room)))
      await addParticipant(tx, actor, { ticket: ticket.id, user_id, role: 'cc' })
  }
  return { message, person_id: user.id, steps }
}

/** A ticket of its own, raised by the same rules as over the API, for whom `From` names. */
async function raise(tx: Tx, taken: Taken & { decision: Effect & { do: 'raise' } }): Promise<Done> {
  const { decision, examined } = taken
  const { row, mail, mailbox, authenticated } = examined
  const user = await proven(tx, taken)
  const actor = onPublicSide(await actorOf(tx, user.id))
  const { text, attachment_ids } = await contentOf(tx, actor, taken)
  const cc = authenticated.aligned ? await colleaguesIn(tx, examined, user) : []
  const { ticket, message } = await raiseTicket(tx, actor, {
    subject: subjectOf(mail),
    text,
    cc,
    attachment_ids,
    by_mail: {
      mailbox_id: mailbox?.id ?? null,
      queue_id: mailbox?.queue_id ?? null,
      client_id: row.id,
      message: mailOf(taken, decision.trust),
    },
  })
  await remember(tx, taken, message, user.id)
  if (decision.linked_to !== null)
    await linkTickets(tx, systemActor, { ticket: ticket.id, other: decision.linked_to, kind: 'related' })
  return { message, person_id: user.id, steps: [] }
}

function mailOf({ examined, mail_quiet }: Taken, mail_trust: MessageMail['mail_trust']): MessageMail {
  return { mail_trust, mail_quiet, quoted: examined.mail.quoted }
}

async function actorOf(tx: Tx, user_id: string): Promise<Actor> {
  const actor = await personAsOfNow(tx.db, user_id)
  if (!actor) throw new Undecided()
  return actor
}

/** Whom `From` names: entered where he is new, and his address proven where its domain vouches for the mail. */
async function proven(tx: Tx, { user, examined: { sender, authenticated } }: Taken): Promise<UserRow> {
  if ('problem' in sender) throw new Error('a mail of nobody is applied')
  const { address: email, name } = sender
  const known = user ?? (await entered(tx, { email, name, email_is_proven: authenticated.aligned }))
  if (!authenticated.aligned || known.email_verified_at !== null) return known
  return updateUser(tx, systemActor, { user_id: known.id, changes: { email_is_proven: true }, if_match: undefined })
}

async function entered(tx: Tx, person: { email: string; name: string; email_is_proven: boolean }): Promise<UserRow> {
  try {
    return await createUser(tx, systemActor, { role: 'requester', ...person })
  } catch (error) {
    // Somebody else entered him at the same moment.
    if (!(error instanceof Problem && error.definition === EmailTaken)) throw error
    const user = await findUserByEmail(tx.db, person.email)
    if (!user) throw error
    // What he may is decided anew.
    throw new Undecided()
  }
}

/**
 * Those of a mail's other recipients who come into its ticket: colleagues of its author, as over the API. Anybody else would be mailed by
 * us because a stranger wrote his address down, and agents are no agents by it.
 */
async function colleaguesIn(tx: Tx, { row, mail }: Examined, author: UserRow): Promise<string[]> {
  if (author.organization_id === null) return []
  const ids = new Set<string>()
  for (const address of recipientsOf(row, mail)) {
    if (ids.size === CC_MAX) break
    if (await findMailboxByAddress(tx.db, address)) continue
    const user = await findUserByEmail(tx.db, address)
    if (
      user?.active === 1 &&
      user.role === 'requester' &&
      user.id !== author.id &&
      user.organization_id === author.organization_id
    )
      ids.add(user.id)
  }
  return [...ids]
}

/** What the message says, with its files as its author's own uploads. */
async function contentOf(tx: Tx, author: Actor, { examined, brought }: Taken): Promise<{ text: Text; attachment_ids: string[] }> {
  const { mail } = examined
  const attachment_ids: string[] = []
  const images = new Map<string, string>()
  for (const [i, one] of brought.entries()) {
    if ('refused' in one) continue
    const { id } = await writeDownBrought(tx, author, one.uploaded)
    attachment_ids.push(id)
    const content_id = mail.files[i]?.content_id
    if (content_id) images.set(content_id, id)
  }
  const text = textOf(mail, leftOut(brought, mail.files.length))
  return { text: { ...text, body_html: withImages(text.body_html, images) }, attachment_ids }
}

/** From now on the mail's Message-ID stands for the ticket. */
async function remember(tx: Tx, { examined }: Taken, { ticket_id, id }: SignedMessage, user_id: string): Promise<void> {
  const header = examined.mail.message_id ?? examined.row.header_id
  if (header === null) return
  const mailbox_id = examined.mailbox?.id ?? null
  await rememberReference(tx, { header, mailbox_id, ticket_id, message_id: id, user_id, direction: 'in' })
}

async function announceLoop(
  tx: Tx,
  { ticket_id, scope, user_id }: { ticket_id: string; scope: 'ticket' | 'address' | 'mailbox'; user_id: string | null },
): Promise<void> {
  const ticket = await getVisibleTicket(tx.db, systemActor, ticket_id, 'for update')
  const told = news(mailLoopTripped, { visibility: 'internal', data: { scope, direction: 'in', user_id } })
  await changeTicket(tx, systemActor, ticket, { set: {}, announce: [told] })
}

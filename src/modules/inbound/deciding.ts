import type { UnverifiedMail } from '../desk/index.ts'
import type { MailKind } from './classification.ts'
import type { SenderProblem } from './sender.ts'

/** How a mail was found to belong to a ticket, the surest first. */
export type ThreadedBy = 'reply_address' | 'message_id' | 'reference' | 'subject'

/** The ticket that a mail leads to. */
export interface Thread {
  by: ThreadedBy
  /** The ticket that was written to. */
  ticket_id: string
  /** Whom the token was made for; null for what is no token. */
  party_id: string | null
  /** Whether its sender, taken for who he says he is, sees its public side now: as who raised it, as cc, or as manager. */
  is_participant: boolean
  /** Whether he could write there now: it is neither closed nor merged away from him, or it is his own, and is continued. */
  takes_replies: boolean
  /** Whether its sender works on it now, as staff. */
  is_worked_on: boolean
  /** Whether its conversation is over. */
  is_closed: boolean
  unverified_mail: UnverifiedMail
}

/** What is known of a mail when it is decided what becomes of it. */
export interface MailFacts {
  kind: MailKind
  /** Why it is our own: it came back. */
  own: 'own_mark' | 'own_message_id' | 'own_mailbox' | null
  sender:
    | { problem: SenderProblem }
    | {
        /** Null for somebody new. */
        user: { id: string; role: 'requester' | 'agent' | 'admin'; active: boolean } | null
        /** Whether the domain of his address vouches for the mail. */
        aligned: boolean
      }
  thread: Thread | null
  agents_answer_by_mail: boolean
}

export type Trust = 'verified' | 'unverified' | 'auto_reply'

export type Decision =
  | { do: 'ignore'; reason: string }
  | { do: 'quarantine'; reason: string }
  /** A public message in the ticket: by a participant on its public side, or by an agent as his answer. */
  | { do: 'reply'; ticket_id: string; as: 'participant' | 'agent'; reason: string }
  /** A note of Beckon's in the ticket, for staff alone. */
  | { do: 'note'; ticket_id: string; trust: Trust; reason: string }
  /** A ticket of its own, linked with another. */
  | { do: 'raise'; linked_to: string | null; trust: Trust; reason: string }

/** What becomes of a mail that is no bounce. */
export function decide({ kind, own, sender, thread, agents_answer_by_mail }: MailFacts): Decision {
  if (own) return { do: 'ignore', reason: own }
  if ('problem' in sender)
    return kind === 'auto_reply'
      ? { do: 'ignore', reason: 'auto_reply_without_sender' }
      : { do: 'quarantine', reason: sender.problem }
  if (kind === 'auto_reply') {
    if (!thread) return { do: 'ignore', reason: 'auto_reply_without_ticket' }
    // It changes nothing, so it continues nothing either.
    if (thread.is_closed) return { do: 'ignore', reason: 'auto_reply_to_closed_ticket' }
    if (!isOfTicket(sender.user, thread)) return { do: 'ignore', reason: 'auto_reply_of_stranger' }
    return { do: 'note', ticket_id: thread.ticket_id, trust: 'auto_reply', reason: 'auto_reply' }
  }
  const { user, aligned } = sender
  if (user && !user.active) return { do: 'quarantine', reason: 'sender_inactive' }
  if (!thread) return raise({ user, aligned, linked_to: null, reason: 'no_thread' })
  const { ticket_id } = thread
  if (!aligned) return unverified({ user, aligned, thread, reason: 'not_aligned' })
  const isToken = thread.by === 'reply_address' || thread.by === 'message_id'
  const isOwnToken = isToken && user !== null && thread.party_id === user.id
  if (user && user.role !== 'requester' && isOwnToken && thread.is_worked_on) {
    if (thread.is_participant && !agents_answer_by_mail && thread.takes_replies)
      return { do: 'reply', ticket_id, as: 'participant', reason: 'participant' }
    if (!agents_answer_by_mail) return { do: 'note', ticket_id, trust: 'verified', reason: 'agents_do_not_answer_by_mail' }
    if (thread.is_closed) return { do: 'note', ticket_id, trust: 'verified', reason: 'ticket_closed' }
    return { do: 'reply', ticket_id, as: 'agent', reason: 'agent' }
  }
  if (user && thread.is_participant) {
    if (thread.takes_replies) return { do: 'reply', ticket_id, as: 'participant', reason: 'participant' }
    return raise({ user, aligned, linked_to: ticket_id, reason: 'ticket_closed' })
  }
  return unverified({ user, aligned, thread, reason: 'no_participant' })
}

/** Whether somebody, taken for who he says he is, has to do with the ticket. */
function isOfTicket(user: { id: string } | null, thread: Thread): boolean {
  return user !== null && (thread.is_participant || thread.is_worked_on || thread.party_id === user.id)
}

interface Unverified {
  user: { role: 'requester' | 'agent' | 'admin' } | null
  aligned: boolean
  thread: Thread
  reason: string
}

function unverified({ thread, reason, ...sender }: Unverified): Decision {
  switch (thread.unverified_mail) {
    case 'quarantine':
      return { do: 'quarantine', reason }
    case 'internal_note':
      return { do: 'note', ticket_id: thread.ticket_id, trust: 'unverified', reason }
    case 'new_ticket':
      return raise({ ...sender, linked_to: thread.ticket_id, reason })
  }
}

function raise({ user, aligned, linked_to, reason }: Omit<Unverified, 'thread'> & { linked_to: string | null }): Decision {
  // What is said in an agent's name would be read as his.
  if (!aligned && user && user.role !== 'requester') return { do: 'quarantine', reason: 'staff_not_verified' }
  return { do: 'raise', linked_to, trust: aligned ? 'verified' : 'unverified', reason }
}

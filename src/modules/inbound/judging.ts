import type { Reader } from '../../platform/database/schema.ts'
import type { Secrets } from '../../platform/secrets.ts'
import { getSettings } from '../desk/index.ts'
import { findUserByEmail, type UserRow } from '../directory/index.ts'
import { isOurMessageId, type MailKeys, OWN_MARK, readMessageId, readOwnMark } from '../mail/index.ts'
import { findMailbox, findMailboxByAddress, type MailboxRow } from '../mailboxes/index.ts'
import type { Authenticated } from './authentication.ts'
import type { Classification } from './classification.ts'
import { type Decision, decide, type MailFacts, type Thread } from './deciding.ts'
import type { Step } from './explain.ts'
import type { ParsedMail } from './parsed-mail.ts'
import type { Sender } from './sender.ts'
import type { InboundMailRow } from './tables.ts'
import { CONFIDENCE, findThread } from './threading.ts'

/** A mail, and what is known of it whatever is in the database. */
export interface Examined {
  row: InboundMailRow
  mail: ParsedMail
  classified: Classification
  own: MailFacts['own']
  sender: Sender
  authenticated: Authenticated
  mailbox: MailboxRow | undefined
}

/** What becomes of a mail, and why. */
export interface Judgement {
  decision: Decision
  user: UserRow | undefined
  thread: Thread | null
  steps: Step[]
}

const ADDRESSES_MAX = 50

/** Everything that a mail was sent to, as far as it says so. */
export function recipientsOf(
  row: Pick<InboundMailRow, 'envelope_to'>,
  mail: Pick<ParsedMail, 'delivered_to' | 'to' | 'cc'>,
): string[] {
  const header = [...mail.to, ...mail.cc].map(({ address }) => address)
  return [...new Set([...envelopeTo(row), ...mail.delivered_to, ...header])].filter(Boolean).slice(0, ADDRESSES_MAX)
}

function envelopeTo({ envelope_to }: Pick<InboundMailRow, 'envelope_to'>): string[] {
  // Written by `keepArrived`.
  return JSON.parse(envelope_to) as string[]
}

/** The mailbox that a mail came to. */
export async function mailboxOf(db: Reader, row: InboundMailRow, mail: ParsedMail): Promise<MailboxRow | undefined> {
  if (row.mailbox_id !== null) return findMailbox(db, row.mailbox_id)
  for (const address of recipientsOf(row, mail)) {
    const mailbox = await findMailboxByAddress(db, address)
    if (mailbox?.enabled === 1) return mailbox
  }
  return undefined
}

/** Why a mail is our own that came back; null where it is none. */
export async function signOfOwn(
  db: Reader,
  { mail, sender, secrets, keys }: { mail: ParsedMail; sender: Sender; secrets: Pick<Secrets, 'key'>; keys: MailKeys },
): Promise<MailFacts['own']> {
  const marks = mail.headers[OWN_MARK.toLowerCase()] ?? []
  if (marks.some((mark) => readOwnMark(secrets, mark) !== undefined)) return 'own_mark'
  const id = mail.message_id === null ? undefined : readMessageId(mail.message_id)
  const key = id && (await keys.find(db, id.key_id))
  if (id && key && isOurMessageId(id, key)) return 'own_message_id'
  return 'address' in sender && (await findMailboxByAddress(db, sender.address)) ? 'own_mailbox' : null
}

/** Decides by what is in the database now. Nothing is written: it may be asked twice. */
export async function judge(db: Reader, examined: Examined, keys: MailKeys): Promise<Judgement> {
  const { row, mail, classified, own, sender, authenticated, mailbox } = examined
  const user = 'address' in sender ? await findUserByEmail(db, sender.address) : undefined
  const leads = { mail, envelope_to: envelopeTo(row), mailbox_id: mailbox?.id ?? null, user }
  const { thread, passed_over } = own ? { thread: null, passed_over: [] } : await findThread(db, leads, keys)
  const { agents_answer_by_mail } = await getSettings(db)
  const decision = decide({
    kind: classified.kind,
    own,
    sender:
      'problem' in sender
        ? sender
        : { user: user ? { id: user.id, role: user.role, active: user.active === 1 } : null, aligned: authenticated.aligned },
    thread,
    agents_answer_by_mail: agents_answer_by_mail === 1,
  })
  const steps: Step[] = [
    { step: 'classified', ...classified, ...(own ? { own } : {}) },
    {
      step: 'threaded',
      ...(thread
        ? { by: thread.by, ticket_id: thread.ticket_id, confidence: CONFIDENCE[thread.by], party_id: thread.party_id }
        : { by: null }),
      ...(passed_over.length > 0 ? { passed_over } : {}),
    },
    { step: 'authenticated', ...authenticated },
    {
      step: 'authorised',
      user_id: user?.id ?? null,
      role: user?.role ?? null,
      ...('problem' in sender ? sender : {}),
      ...(thread ? { is_participant: thread.is_participant, is_worked_on: thread.is_worked_on } : {}),
    },
    { step: 'decided', ...decision },
  ]
  return { decision, user, thread, steps }
}

import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { canonicalLocale } from '../../platform/locale.ts'
import { invalidField } from '../../platform/problems.ts'
import { findQueue, getSettings, type SettingsRow } from '../desk/index.ts'
import { getUser } from '../directory/index.ts'
import { escapeHtml } from '../mail/index.ts'
import { mailboxOfQueue } from '../mailboxes/index.ts'
import { listMessages } from '../messages/index.ts'
import { getVisibleTicket } from '../tickets/index.ts'
import { isForStaff, type Side, usual } from './choices.ts'
import { requireWording } from './commands/require-wording.ts'
import { isQuoting, writeLetter } from './letters.ts'
import type { PreviewOf } from './schema.ts'
import { valuesFor } from './values.ts'
import type { Wording } from './wording/wording.ts'

/** A mail of a kind as it would leave, with words that are tried out, about a ticket or a made-up one. */
export async function previewMail(db: Reader, actor: Actor, given: PreviewOf) {
  requireWording(given)
  const settings = await getSettings(db)
  const side = given.side ?? (isForStaff(given.kind) ? 'staff' : 'requester')
  if (usual[side][given.kind] === undefined) throw invalidField('/side', 'not_told', 'This side is never told of this.')
  const locale = languageOf(given, settings)
  const { queue_id, values, message, ticket } =
    given.ticket_id === undefined ? await madeUp(db, given, settings) : await real(db, actor, { given, side })
  const mailbox = await mailboxOfQueue(db, queue_id)
  const letter = await writeLetter(db, {
    kind: given.kind,
    side,
    queue_id,
    mailbox,
    locales: [locale],
    values: async (wording) => ({ ...(await values(wording)), 'mailbox.name': mailbox?.name }),
    message: isQuoting(given.kind) ? message : null,
    is_unproven: false,
    is_answerable: mailbox !== undefined,
    unsubscribe_url: null,
    tried: given,
  })
  const { language, ...rest } = letter
  return { preview: { object: 'mail_preview', kind: given.kind, locale: language, ...rest }, ticket }
}

function languageOf({ locale }: PreviewOf, { mail_locale }: SettingsRow): string {
  const tag = locale === undefined ? mail_locale : canonicalLocale(locale)
  if (tag === undefined) throw invalidField('/locale', 'invalid', 'This is no language tag of BCP 47, such as de or pt-BR.')
  return tag
}

const SAMPLE = 'The printer on the second floor only prints blank pages since this morning.'

async function madeUp(db: Reader, given: PreviewOf, settings: SettingsRow) {
  const queue = await queueOf(db, given.queue_id ?? settings.default_queue_id)
  const values = async ({ statuses }: Wording): Promise<Record<string, string>> => ({
    'ticket.number': '1042',
    'ticket.subject': 'Blank pages',
    'ticket.status': given.kind === 'solved' ? statuses.solved : statuses.open,
    'queue.name': queue.name,
    'requester.name': 'Ada Lovelace',
    'requester.first_name': 'Ada',
    'recipient.name': 'Ada Lovelace',
    'recipient.first_name': 'Ada',
    'actor.name': 'Grace Hopper',
  })
  return {
    queue_id: queue.id,
    values,
    message: { text: SAMPLE, html: `<p>${escapeHtml(SAMPLE)}</p>`, files: ['page.pdf'] },
    ticket: undefined,
  }
}

/** To whoever asks, from his own side of the ticket or the public one. */
async function real(db: Reader, actor: Actor, { given, side }: { given: PreviewOf; side: Side }) {
  const seen = await getVisibleTicket(db, actor, given.ticket_id ?? '')
  const queue = await queueOf(db, given.queue_id ?? seen.queue_id)
  const view = side === 'staff' ? seen.view : 'requester'
  const { messages } = await listMessages(db, { id: seen.id, view }, { order: 'desc', limit: 1 })
  const [last] = messages
  const requester = await getUser(db, seen.requester_id)
  const name = actor.type === 'user' && side === 'staff' ? actor.name : requester.name
  const about = { ticket: { ...seen, queue_id: queue.id }, side, user: { name }, mailbox: undefined }
  return {
    ticket: seen,
    queue_id: queue.id,
    values: (wording: Wording) => valuesFor(db, { ...about, wording, actor_name: last?.author_name ?? null }),
    message: last ? { text: last.body, html: last.body_html, files: last.attachments.map((file) => file.name) } : null,
  }
}

async function queueOf(db: Reader, id: string) {
  const queue = await findQueue(db, id)
  if (!queue) throw invalidField('/queue_id', 'not_found', 'There is no such queue.')
  return queue
}

import type { Actor } from '../../../platform/actor.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { newId } from '../../../platform/ids.ts'
import { canonicalLocale } from '../../../platform/locale.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue } from '../../desk/index.ts'
import { announce } from '../../directory/index.ts'
import { mailTemplateCreated } from '../events.ts'
import { MailTemplateTaken } from '../problems.ts'
import type { NewMailTemplate } from '../schema.ts'
import type { MailTemplateRow } from '../tables.ts'
import { ANY } from '../templates.ts'
import { requireWording } from './require-wording.ts'

/** Words a kind of mail, for a queue and a language, or for all. */
export async function createTemplate(tx: Tx, actor: Actor, given: NewMailTemplate): Promise<MailTemplateRow> {
  requireWording(given)
  const { kind, queue_id = null, locale = null } = given
  if (queue_id !== null && !(await findQueue(tx.db, queue_id, 'for share')))
    throw invalidField('/queue_id', 'not_found', 'There is no such queue.')
  const language = locale === null ? ANY : canonicalLocale(locale)
  if (language === undefined) throw invalidField('/locale', 'invalid', 'This is no language tag of BCP 47, such as de or pt-BR.')
  const row: MailTemplateRow = {
    id: newId('tpl'),
    kind,
    queue_id: queue_id ?? ANY,
    locale: language,
    subject: given.subject ?? null,
    greeting: given.greeting ?? null,
    body: given.body ?? null,
    signature: given.signature ?? null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  if (!(await insertIfAbsent(tx.db, 'mail_templates', row))) throw MailTemplateTaken()
  announce(tx, mailTemplateCreated, { actor, row, data: { kind, queue_id, locale: locale === null ? null : language } })
  return row
}

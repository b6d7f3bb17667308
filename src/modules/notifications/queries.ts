import type { Static } from 'typebox'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { blank } from './commands/keep-preferences.ts'
import type { MailTemplateQuery } from './schema.ts'
import type { MailTemplateRow, NotificationPreferencesRow } from './tables.ts'
import { ANY } from './templates.ts'

/** What somebody said about the mail that he gets, or what holds where he has said nothing. */
export async function getPreferences(db: Reader, user_id: string): Promise<NotificationPreferencesRow> {
  const found = db.selectFrom('notification_preferences').selectAll().where('user_id', '=', user_id)
  return (await found.executeTakeFirst()) ?? blank(user_id, 0)
}

/** A template, or 404. */
export async function getTemplate(db: Reader, id: string): Promise<MailTemplateRow> {
  const row = await db.selectFrom('mail_templates').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** The templates that the filters of a list let through. */
export function filterTemplates(db: Reader, { kind, queue_id, locale }: Static<typeof MailTemplateQuery>) {
  let rows = db.selectFrom('mail_templates').selectAll()
  if (kind !== undefined) rows = rows.where('kind', '=', kind)
  if (queue_id !== undefined) rows = rows.where('queue_id', '=', queue_id === 'none' ? ANY : queue_id)
  if (locale !== undefined) rows = rows.where('locale', '=', locale === 'none' ? ANY : locale)
  return rows
}

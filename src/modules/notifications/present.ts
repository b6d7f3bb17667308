import { toTime } from '../../platform/codecs.ts'
import type { UserRow } from '../directory/index.ts'
import { type Kind, kinds, usual, type Way, wayOf } from './choices.ts'
import { toPreferences } from './preferences.ts'
import type { MailTemplate, NotificationPreferences } from './schema.ts'
import type { MailTemplateRow, NotificationPreferencesRow } from './tables.ts'
import { ANY } from './templates.ts'

/** What somebody wants to hear, as he sees it: what he said, and the usual for the rest. */
export function toNotificationPreferences(
  row: NotificationPreferencesRow,
  { role, time_zone }: Pick<UserRow, 'role' | 'time_zone'>,
): NotificationPreferences {
  const { choices, quiet, digest_at } = toPreferences(row)
  // Staff may raise tickets of their own, and then gets a receipt.
  const ways = kinds.flatMap((kind): [Kind, Way][] => {
    if (role === 'requester') return usual.requester[kind] === undefined ? [] : [[kind, wayOf(kind, 'requester', choices)]]
    return [[kind, wayOf(kind, usual.staff[kind] === undefined ? 'requester' : 'staff', choices)]]
  })
  return {
    object: 'notification_preferences',
    choices: Object.fromEntries(ways),
    quiet_hours: quiet,
    digest_at,
    time_zone: time_zone ?? 'UTC',
    version: row.version,
  }
}

export function toMailTemplate(row: MailTemplateRow): MailTemplate {
  return {
    id: row.id,
    object: 'mail_template',
    // Only kinds are kept.
    kind: row.kind as Kind,
    queue_id: row.queue_id === ANY ? null : row.queue_id,
    locale: row.locale === ANY ? null : row.locale,
    subject: row.subject,
    greeting: row.greeting,
    body: row.body,
    signature: row.signature,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

import { toBool, toTime } from '../../../platform/codecs.ts'
import { prepare } from '../../../platform/database/prepared.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import type { Settings } from '../schema.ts'
import type { SettingsRow } from '../tables.ts'

const theSettings = prepare((db, _: object) => db.selectFrom('settings').selectAll().where('id', '=', 1))

/** What an admin has set. There is always a row: the first migration wrote it. */
export async function getSettings(db: Reader): Promise<SettingsRow> {
  const [row] = await theSettings(db, {})
  if (!row) throw new Error('the settings are gone from the database')
  return row
}

export function toSettings(row: SettingsRow): Settings {
  return {
    id: 'settings',
    object: 'settings',
    registration: row.registration,
    default_queue_id: row.default_queue_id,
    default_lifecycle_id: row.default_lifecycle_id,
    message_edit_seconds: row.message_edit_seconds,
    close_solved_after_days: row.close_solved_after_days,
    agents_answer_by_mail: toBool(row.agents_answer_by_mail),
    mail_locale: row.mail_locale,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

import { fromJson } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Choices } from './choices.ts'
import type { QuietHours } from './quiet-hours.ts'
import type { NotificationPreferencesRow } from './tables.ts'

/** When digests come of whoever has not said it. */
export const USUAL_DIGEST = '08:00'

/** What somebody said about the mail that he gets. */
export interface Preferences {
  choices: Choices
  quiet: QuietHours | null
  digest_at: string
}

export const usualPreferences: Preferences = { choices: {}, quiet: null, digest_at: USUAL_DIGEST }

export function toPreferences(row: NotificationPreferencesRow): Preferences {
  const { quiet_from: from, quiet_until: until } = row
  return {
    choices: fromJson<Choices>(row.choices),
    quiet: from !== null && until !== null ? { from, until } : null,
    digest_at: row.digest_at ?? USUAL_DIGEST,
  }
}

/** What these people said; who has said nothing is not in the answer. */
export async function preferencesOf(db: Reader, user_ids: readonly string[]): Promise<Map<string, Preferences>> {
  if (user_ids.length === 0) return new Map()
  const rows = await db.selectFrom('notification_preferences').selectAll().where('user_id', 'in', user_ids).execute()
  return new Map(rows.map((row) => [row.user_id, toPreferences(row)]))
}

// More are not told at once of one new ticket.
const MOST_TOLD = 500

/** Those who want to hear of new tickets, whether they see them or not. */
export async function whoHearsOfNewTickets(db: Reader): Promise<string[]> {
  const rows = await db
    .selectFrom('notification_preferences')
    .select('user_id')
    .where('new_tickets', 'is not', null)
    .orderBy('user_id')
    .limit(MOST_TOLD)
    .execute()
  return rows.map(({ user_id }) => user_id)
}

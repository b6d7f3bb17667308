import type { Reader } from './database/schema.ts'

/** Drops the kept answers that show a subject: what was deleted for ever is not given again. */
export async function forgetAnswers(db: Reader, subject_id: string): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('subject_id', '=', subject_id).execute()
}

import type { Reader } from './database/schema.ts'

/** The body of a kept answer that may not be given again: the request was done, and is not done again. */
export const EMPTIED = ''

/** Drops the kept answers that show a subject: what was deleted for ever is not given again. */
export async function forgetAnswers(db: Reader, subject_id: string): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('subject_id', '=', subject_id).execute()
}

/**
 * Empties the kept answers about any of these subjects whose JSON, given to that side, `shows` what may not be given again. Their keys stay:
 * a retry is told that its request was done, and where to look.
 */
export async function emptyAnswers(
  db: Reader,
  { subject_ids, shows }: { subject_ids: readonly string[]; shows: (body: string, view: string | null) => boolean },
): Promise<void> {
  const rows = await db
    .selectFrom('idempotency_keys')
    .select(['principal_id', 'idempotency_key', 'body', 'subject_view'])
    .where('subject_id', 'in', subject_ids)
    .execute()
  for (const { principal_id, idempotency_key, body, subject_view } of rows)
    if (shows(body, subject_view))
      await db
        .updateTable('idempotency_keys')
        .set({ body: EMPTIED })
        .where('principal_id', '=', principal_id)
        .where('idempotency_key', '=', idempotency_key)
        .execute()
}

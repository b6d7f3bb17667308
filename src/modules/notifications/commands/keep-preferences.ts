import type { Actor } from '../../../platform/actor.ts'
import { fromJson, toJson } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { UserRow } from '../../directory/index.ts'
import { type Choices, type Kind, kinds, type Way } from '../choices.ts'
import { toPreferences } from '../preferences.ts'
import type { NotificationPreferencesRow } from '../tables.ts'
import { DIGEST, digestDueAt } from './keep-for-digest.ts'

/** What somebody says about the mail that he gets; what is absent stays, null is the usual again. */
export interface PreferenceChanges {
  choices?: Partial<Record<string, Way | null>> | undefined
  quiet_hours?: { from: string; until: string } | null | undefined
  digest_at?: string | null | undefined
}

/**
 * Keeps what somebody wants to hear by mail. It is his own affair: nothing is announced. What waits for his digest goes by the new time.
 */
export async function keepPreferences(
  tx: Tx,
  actor: Pick<Actor, 'id'>,
  { changes, if_match }: { changes: PreferenceChanges; if_match?: readonly string[] | undefined },
): Promise<{ row: NotificationPreferencesRow; user: UserRow }> {
  const user = await forUpdate(tx.db, tx.db.selectFrom('users').selectAll().where('id', '=', actor.id)).executeTakeFirst()
  if (!user) throw NotFound()
  const found = await tx.db.selectFrom('notification_preferences').selectAll().where('user_id', '=', user.id).executeTakeFirst()
  const before = found ?? blank(user.id, tx.now)
  requireMatch(if_match, `v${before.version}`, before.version)
  const row = { ...before, ...columnsAfter(before, changes), updated_at: tx.now, version: before.version + 1 }
  if (isSame(before, row)) return { row: before, user }
  const { user_id: _, ...columns } = row
  if (found) await tx.db.updateTable('notification_preferences').set(columns).where('user_id', '=', user.id).execute()
  else await insertRow(tx.db, 'notification_preferences', row)
  await moveDigest(tx, user, row)
  return { row, user }
}

/** What holds for somebody who has said nothing. */
export function blank(user_id: string, now: number): NotificationPreferencesRow {
  return {
    user_id,
    choices: '{}',
    new_tickets: null,
    quiet_from: null,
    quiet_until: null,
    digest_at: null,
    created_at: now,
    updated_at: now,
    version: 0,
  }
}

function columnsAfter(
  before: NotificationPreferencesRow,
  { choices, quiet_hours, digest_at }: PreferenceChanges,
): Partial<NotificationPreferencesRow> {
  const said = fromJson<Choices>(before.choices)
  const next: [Kind, Way][] = kinds.flatMap((kind) => {
    const way = choices?.[kind] === undefined ? said[kind] : choices[kind]
    return way ? [[kind, way] as [Kind, Way]] : []
  })
  const { new_ticket } = Object.fromEntries(next)
  return {
    choices: toJson(Object.fromEntries(next)),
    new_tickets: new_ticket === 'at_once' || new_ticket === 'digest' ? new_ticket : null,
    ...(quiet_hours === undefined ? {} : { quiet_from: quiet_hours?.from ?? null, quiet_until: quiet_hours?.until ?? null }),
    ...(digest_at === undefined ? {} : { digest_at }),
  }
}

function isSame(a: NotificationPreferencesRow, b: NotificationPreferencesRow): boolean {
  return (['choices', 'quiet_from', 'quiet_until', 'digest_at'] as const).every((key) => a[key] === b[key])
}

async function moveDigest(tx: Tx, user: UserRow, row: NotificationPreferencesRow): Promise<void> {
  const waiting = tx.db
    .selectFrom('digest_items')
    .select('id')
    .where('outbound_mail_id', 'is', null)
    .where('user_id', '=', user.id)
  if (!(await waiting.limit(1).executeTakeFirst())) return
  const due_at = digestDueAt(toPreferences(row), user.time_zone, tx.now)
  await tx.db
    .updateTable('digest_items')
    .set({ due_at })
    .where('outbound_mail_id', 'is', null)
    .where('user_id', '=', user.id)
    .execute()
  await setTimer(tx, { kind: DIGEST, subject_id: user.id, due_at })
}

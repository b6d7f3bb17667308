import type { Static } from 'typebox'
import { fromBool } from '../../../platform/codecs.ts'
import type { Announcement } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { canonicalLocale } from '../../../platform/locale.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys } from '../../directory/index.ts'
import { startJob } from '../../jobs/index.ts'
import { ARM_CLOSING, useLifecycle } from '../../workflow/index.ts'
import { settingsUpdated } from '../events.ts'
import { isUsableQueue } from '../policy.ts'
import { findQueue } from '../queries/queues.ts'
import { toSettings } from '../queries/settings.ts'
import type { SettingsPatch } from '../schema.ts'
import type { SettingsRow } from '../tables.ts'
import { lockSettings } from './lock-settings.ts'

/** Changes what an admin sets. Nothing is written or announced where nothing differs. */
export async function updateSettings(
  tx: Tx,
  actor: Announcement['actor'],
  { changes, if_match }: { changes: Static<typeof SettingsPatch>; if_match: readonly string[] | undefined },
): Promise<SettingsRow> {
  const row = await lockSettings(tx)
  requireMatch(if_match, `v${row.version}`, row.version)
  const { agents_answer_by_mail: byMail, ...rest } = changes
  const columns = {
    ...rest,
    ...(byMail === undefined ? {} : { agents_answer_by_mail: fromBool(byMail) }),
    ...(changes.mail_locale === undefined ? {} : { mail_locale: mailLocaleOf(changes.mail_locale) }),
    updated_at: tx.now,
    version: row.version + 1,
  }
  const next = { ...row, ...columns }
  const changed = changedKeys(toSettings(row), toSettings(next))
  if (changed.length === 0) return row
  if (changed.includes('default_queue_id')) await requireUsable(tx, next.default_queue_id)
  if (changed.includes('default_lifecycle_id')) await useLifecycle(tx, next.default_lifecycle_id, '/default_lifecycle_id')
  if (changed.includes('close_solved_after_days')) await startJob(tx, actor, { kind: ARM_CLOSING, params: {} })
  await tx.db.updateTable('settings').set(columns).where('id', '=', 1).execute()

  const { registration, default_queue_id } = next
  announce(tx, settingsUpdated, {
    actor,
    row: { id: 'settings', version: next.version },
    data: { changed, registration, default_queue_id },
    previous: Object.fromEntries(Object.entries(toSettings(row)).filter(([key]) => changed.includes(key))),
  })
  return next
}

function mailLocaleOf(locale: string): string {
  const tag = canonicalLocale(locale)
  if (tag === undefined) throw invalidField('/mail_locale', 'invalid', 'This is no language tag of BCP 47, such as de or pt-BR.')
  return tag
}

/** Nobody archives a queue meanwhile: that takes the lock of the settings, too. */
async function requireUsable(tx: Tx, queue_id: string): Promise<void> {
  const queue = await findQueue(tx.db, queue_id)
  if (!queue) throw invalidField('/default_queue_id', 'not_found', 'There is no such queue.')
  if (!isUsableQueue(queue)) throw invalidField('/default_queue_id', 'archived', 'This queue is archived.')
}

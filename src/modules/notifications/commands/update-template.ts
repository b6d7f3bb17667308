import type { Actor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { mailTemplateDeleted, mailTemplateUpdated } from '../events.ts'
import type { MailTemplatePatch } from '../schema.ts'
import type { MailTemplateRow } from '../tables.ts'
import { ANY, templateParts } from '../templates.ts'
import { requireWording } from './require-wording.ts'

interface Named {
  id: string
  if_match: readonly string[] | undefined
}

/** Words a template anew. Nothing is written or announced where nothing differs. */
export async function updateTemplate(
  tx: Tx,
  actor: Actor,
  { changes, ...named }: Named & { changes: MailTemplatePatch },
): Promise<MailTemplateRow> {
  const row = await lockTemplate(tx, named)
  requireWording(changes)
  const changed = templateParts.filter((part) => changes[part] !== undefined && changes[part] !== row[part])
  if (changed.length === 0) return row
  const columns = {
    ...Object.fromEntries(changed.map((part) => [part, changes[part] ?? null])),
    updated_at: tx.now,
    version: row.version + 1,
  }
  await tx.db.updateTable('mail_templates').set(columns).where('id', '=', row.id).execute()
  const next = { ...row, ...columns }
  const data = { changed, kind: row.kind, queue_id: orNull(row.queue_id), locale: orNull(row.locale) }
  announce(tx, mailTemplateUpdated, { actor, row: next, data })
  return next
}

/** Takes a template away: its mail says again what is built in. */
export async function deleteTemplate(tx: Tx, actor: Actor, named: Named): Promise<void> {
  const row = await lockTemplate(tx, named)
  await tx.db.deleteFrom('mail_templates').where('id', '=', row.id).execute()
  announce(tx, mailTemplateDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
}

async function lockTemplate(tx: Tx, { id, if_match }: Named): Promise<MailTemplateRow> {
  const row = await forUpdate(tx.db, tx.db.selectFrom('mail_templates').selectAll().where('id', '=', id)).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}

function orNull(value: string): string | null {
  return value === ANY ? null : value
}

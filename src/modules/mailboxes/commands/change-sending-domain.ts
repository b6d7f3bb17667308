import { fromBool } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { sendingDomainDeleted, sendingDomainUpdated } from '../events.ts'
import type { SendingDomainRow } from '../tables.ts'

interface Which {
  domain_id: string
  if_match: readonly string[] | undefined
}

/** Switches the signing of a domain's mail on or off. */
export async function updateSendingDomain(
  tx: Tx,
  actor: Announcement['actor'],
  { enabled, ...which }: Which & { enabled: boolean | undefined },
): Promise<SendingDomainRow> {
  const row = await lockSendingDomain(tx, which)
  if (enabled === undefined || fromBool(enabled) === row.enabled) return row
  const columns = { enabled: fromBool(enabled), updated_at: tx.now, version: row.version + 1 }
  await tx.db.updateTable('sending_domains').set(columns).where('id', '=', row.id).execute()
  const next = { ...row, ...columns }
  announce(tx, sendingDomainUpdated, { actor, row: next, data: { changed: ['enabled'], enabled } })
  return next
}

/** Takes a key away for ever. */
export async function deleteSendingDomain(tx: Tx, actor: Announcement['actor'], which: Which): Promise<void> {
  const { id, version } = await lockSendingDomain(tx, which)
  await tx.db.deleteFrom('sending_domains').where('id', '=', id).execute()
  announce(tx, sendingDomainDeleted, { actor, row: { id, version: version + 1 }, data: {} })
}

async function lockSendingDomain(tx: Tx, { domain_id, if_match }: Which): Promise<SendingDomainRow> {
  const query = tx.db.selectFrom('sending_domains').selectAll().where('id', '=', domain_id)
  const row = await forUpdate(tx.db, query).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}

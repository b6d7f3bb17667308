import { toTime } from '../../../platform/codecs.ts'
import { forUpdate, insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { newId } from '../../../platform/ids.ts'
import { Conflict } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type Step, withStep } from '../explain.ts'
import { dedupeKey, type Fingerprint, headerKey } from '../fingerprint.ts'
import type { ArrivingMail } from '../receive.ts'
import type { InboundMailRow } from '../tables.ts'
import { announceQuarantine } from './announce-quarantine.ts'

/** A mail whose bytes are in the store. */
export interface Arrived extends Omit<ArrivingMail, 'content'> {
  storage_key: string
  size: number
  sha256: string
  fingerprint: Fingerprint
}

const RECIPIENTS_MAX = 100

/** Writes a mail down that has come in, once: a copy of one that is there raises its count. */
export async function keepArrived(tx: Tx, arrived: Arrived): Promise<{ id: string; copy: boolean }> {
  const { source, source_ref, mailbox_id, storage_key, size, sha256, fingerprint } = arrived
  const row: InboundMailRow = {
    id: newId('inb'),
    mailbox_id,
    source,
    source_ref,
    storage_key,
    size,
    sha256,
    dedupe_key: dedupeKey(fingerprint, mailbox_id),
    copies: 1,
    header_id: fingerprint.header_id,
    header_key: headerKey(fingerprint.header_id),
    from_address: null,
    from_key: null,
    envelope_from: arrived.envelope_from === null ? null : clean(arrived.envelope_from),
    envelope_to: JSON.stringify(arrived.envelope_to.slice(0, RECIPIENTS_MAX).map(clean)),
    subject: null,
    sent_at: null,
    classification: null,
    ...stateOf(arrived.left_out),
    explain: withStep('[]', {
      step: 'received',
      at: toTime(tx.now),
      source,
      size,
      ...(fingerprint.has_header_id ? {} : { made_header_id: true }),
      ...(arrived.left_out === undefined ? {} : { left_out: arrived.left_out }),
    }),
    attempts: 0,
    due_at: tx.now,
    lease_token: null,
    last_error: null,
    ticket_id: null,
    message_id: null,
    user_id: null,
    received_at: tx.now,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  if (await insertIfAbsent(tx.db, 'inbound_mails', row)) {
    if (row.state === 'quarantined') announceQuarantine(tx, row)
    return { id: row.id, copy: false }
  }
  const same = await findSame(tx.db, row)
  if (!same) throw Conflict()
  const step: Step = { step: 'copied', source, ...(same.sha256 === sha256 ? {} : { travelled_otherwise: true }) }
  await countCopy(tx, same, step)
  return { id: same.id, copy: true }
}

/** A mail of which only the header is here is not worked on: somebody looks at it where it lies. */
function stateOf(left_out: number | undefined): Pick<InboundMailRow, 'state' | 'reason'> {
  return left_out === undefined ? { state: 'received', reason: null } : { state: 'quarantined', reason: 'too_large' }
}

/** Counts that a mail that is there came once more. */
export async function countCopy(tx: Tx, { id }: Pick<InboundMailRow, 'id'>, step: Step): Promise<void> {
  const query = tx.db.selectFrom('inbound_mails').select(['copies', 'explain', 'version']).where('id', '=', id)
  const kept = await forUpdate(tx.db, query).executeTakeFirstOrThrow()
  await tx.db
    .updateTable('inbound_mails')
    .set({
      copies: kept.copies + 1,
      explain: withStep(kept.explain, { ...step, at: toTime(tx.now) }),
      updated_at: tx.now,
      version: kept.version + 1,
    })
    .where('id', '=', id)
    .execute()
}

type Sameness = Pick<InboundMailRow, 'dedupe_key' | 'source_ref'>

/** The mail that is the same, or that came through the same door under the same name. */
async function findSame(db: Reader, { dedupe_key, source_ref }: Sameness): Promise<InboundMailRow | undefined> {
  const query = db.selectFrom('inbound_mails').selectAll()
  const same = await query.where('dedupe_key', '=', dedupe_key).executeTakeFirst()
  return same ?? (source_ref === null ? undefined : query.where('source_ref', '=', source_ref).executeTakeFirst())
}

/** An address that every column takes. */
function clean(address: string): string {
  return address.replaceAll('\0', '').toWellFormed().slice(0, 320)
}

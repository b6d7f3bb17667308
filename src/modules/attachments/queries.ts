import type { Actor } from '../../platform/actor.ts'
import { toTime } from '../../platform/codecs.ts'
import { forShare, forUpdate } from '../../platform/database/dialect.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { seesUnnamed } from './policy.ts'
import type { Attachment } from './schema.ts'
import type { AttachmentRow, FileRow } from './tables.ts'

/** From which side somebody reads a message. */
export type Side = 'staff' | 'requester'

/** Who reads the messages that name attachments: asked of those who know, so that the ground floor need not know of tickets. */
export interface Readership {
  /** The side from which an actor reads a message now; undefined when he does not. */
  sideOf(db: Reader, actor: Actor, message_id: string): Promise<Side | undefined>
  /** Whether anybody of this side reads a message now. */
  isReadBy(db: Reader, side: Side, message_id: string): Promise<boolean>
  /** Whether an actor sees what keeps a file, such as a macro. */
  seesKeeper(db: Reader, actor: Actor, keeper_id: string): Promise<boolean>
}

/** An attachment, and from which side somebody sees it. */
interface SeenAttachment extends AttachmentRow {
  side: Side | 'uploader'
}

interface Which {
  id: string
  readership: Readership
}

/** An attachment that the actor sees: hidden and missing are the same 404. */
export async function getVisibleAttachment(db: Reader, actor: Actor, which: Which): Promise<SeenAttachment> {
  const seen = await findVisibleAttachment(db, actor, which)
  if (!seen) throw NotFound()
  return seen
}

/** The same; undefined instead of a 404. */
export async function findVisibleAttachment(
  db: Reader,
  actor: Actor,
  { id, readership }: Which,
): Promise<SeenAttachment | undefined> {
  const row = await findAttachment(db, id)
  const side = row && (await sideOf(db, actor, { row, readership }))
  return row && side && { ...row, side }
}

async function sideOf(
  db: Reader,
  actor: Actor,
  { row, readership }: { row: AttachmentRow; readership: Readership },
): Promise<SeenAttachment['side'] | undefined> {
  if (row.message_id !== null) return readership.sideOf(db, actor, row.message_id)
  const isSeen = seesUnnamed(actor, row) || (row.kept_by !== null && (await readership.seesKeeper(db, actor, row.kept_by)))
  return isSeen ? 'uploader' : undefined
}

export async function findAttachment(db: Reader, id: string, lock?: 'for update'): Promise<AttachmentRow | undefined> {
  const query = db.selectFrom('attachments').selectAll().where('id', '=', id)
  return (lock ? forUpdate(db, query) : query).executeTakeFirst()
}

/** The attachments of messages, each message's in their order. */
export async function attachmentsOf(db: Reader, message_ids: readonly string[]): Promise<AttachmentRow[]> {
  if (message_ids.length === 0) return []
  return db
    .selectFrom('attachments')
    .selectAll()
    .where('message_id', 'in', message_ids)
    .orderBy('message_id')
    .orderBy('position')
    .execute()
}

/** Those of some ids that are an actor's own uploads, and that neither a message names nor a macro keeps. */
export async function ownUploads(
  db: Reader,
  { id: uploader_id }: Pick<Actor, 'id'>,
  ids: readonly string[],
  lock?: 'for update' | 'for share',
): Promise<AttachmentRow[]> {
  if (ids.length === 0) return []
  const own = db
    .selectFrom('attachments')
    .selectAll()
    .where('id', 'in', ids)
    .where('uploader_id', '=', uploader_id)
    .where('message_id', 'is', null)
    .where('kept_by', 'is', null)
    .orderBy('id')
  if (!lock) return own.execute()
  return (lock === 'for update' ? forUpdate(db, own) : forShare(db, own)).execute()
}

/** The files that these keep. */
export async function attachmentsKeptBy(db: Reader, keeper_ids: readonly string[], lock?: 'for share'): Promise<AttachmentRow[]> {
  if (keeper_ids.length === 0) return []
  const kept = db.selectFrom('attachments').selectAll().where('kept_by', 'in', keeper_ids).orderBy('id')
  return (lock ? forShare(db, kept) : kept).execute()
}

/** Where a content is kept; undefined when no row says. */
export async function findFile(db: Reader, sha256: string): Promise<FileRow | undefined> {
  return db.selectFrom('files').selectAll().where('sha256', '=', sha256).executeTakeFirst()
}

export function toAttachment(row: AttachmentRow): Attachment {
  const { id, name, content_type, size, scan_state, message_id, version } = row
  return {
    id,
    object: 'attachment',
    name,
    content_type,
    size,
    scan_state,
    message_id,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version,
  }
}

/** Attachments by their ids, for the log of events. */
export async function presentAttachments(db: Reader, ids: readonly string[]): Promise<Attachment[]> {
  if (ids.length === 0) return []
  return (await db.selectFrom('attachments').selectAll().where('id', 'in', ids).execute()).map(toAttachment)
}

import type { Reader } from '../../platform/database/schema.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import type { Chore } from '../../platform/housekeeping.ts'
import type { StillSees } from '../../platform/http/idempotency.ts'
import type { Ground, Module } from '../../platform/module.ts'
import { type Bringing, createBringing } from './bringing.ts'
import { type Carried, carry } from './carrying.ts'
import { clamdScanner } from './clamd.ts'
import type { MessageKeeper } from './commands/delete-attachment.ts'
import { imageLinks } from './image-links.ts'
import { createLinks } from './links.ts'
import { findVisibleAttachment } from './queries.ts'
import { attachmentReactions } from './reactions.ts'
import { attachmentRoutes } from './routes.ts'
import { scanWaiting } from './scanning.ts'
import { type IsKept, sweeps } from './sweep.ts'
import type { AttachmentRow } from './tables.ts'
import './tables.ts'
import type { UploadLimits } from './upload.ts'

export { type Bringing, type Brought, writeDownBrought } from './bringing.ts'
export { copyAttachments } from './commands/copy-attachments.ts'
export type { MessageKeeper } from './commands/delete-attachment.ts'
export { keepAttachments } from './commands/keep-attachments.ts'
export { nameAttachments } from './commands/name-attachments.ts'
export { redactAttachmentNames } from './commands/redact-names.ts'
export { removeAttachmentsOf } from './commands/remove-attachments.ts'
export { requireFew } from './policy.ts'
export { attachmentsKeptBy, attachmentsOf, ownUploads, presentAttachments, toAttachment } from './queries.ts'
export { Attachment, AttachmentIds } from './schema.ts'
export type { AttachmentRow } from './tables.ts'

/** What attachments need of the rest of the house. */
export interface AttachmentDeps {
  files: FileStore
  keeper: MessageKeeper
  limits: UploadLimits
  linkSeconds: number
  /** Where a scanner answers; without one everything can be read at once. */
  clamavUrl: string | undefined
  publicUrl: string
  isKept: IsKept
}

/** Files that people send with their messages. */
export function createAttachments(
  ground: Ground,
  deps: AttachmentDeps,
): Module &
  Bringing & {
    chores: Chore[]
    findImageLinks: ReturnType<typeof imageLinks>
    stillSees: StillSees
    /** The contents that go along with a mail. */
    carry(db: Reader, attachments: readonly AttachmentRow[]): Promise<Carried[]>
  } {
  const { files, keeper, limits, linkSeconds, clamavUrl, publicUrl, isKept } = deps
  const links = createLinks({ ...ground, seconds: linkSeconds })
  const linkUrl = (token: string): string => `${publicUrl}/v1/attachment-links/${token}`
  const scanning = clamavUrl === undefined ? undefined : { ...ground, files, scan: clamdScanner(clamavUrl) }
  const isScanned = scanning !== undefined
  return {
    routes: attachmentRoutes({ ...ground, files, links, keeper, limits, isScanned, linkUrl }),
    pages: [],
    reactions: attachmentReactions(scanning),
    ...createBringing({ files, limits, isScanned }),
    findImageLinks: imageLinks({ links, urlOf: linkUrl, isScanned }),
    chores: [...sweeps({ ...ground, files, isKept }), ...(scanning ? [() => scanWaiting(scanning)] : [])],
    carry: (db, attachments) => carry(db, attachments, { files, isScanned }),
    stillSees: async (db, actor, { id }) => (await findVisibleAttachment(db, actor, { id, readership: keeper })) !== undefined,
  }
}

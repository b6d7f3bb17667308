import type { Clock } from '../../platform/clock.ts'
import { toTime } from '../../platform/codecs.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import { StorageFull, StorageUnavailable } from '../../platform/files/problems.ts'
import { bytes, created, noContent, ok } from '../../platform/http/answer.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import type { Logger } from '../../platform/log.ts'
import { Conflict, NotFound, VersionConflict } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import { createAttachment } from './commands/create-attachment.ts'
import { deleteAttachment, type MessageKeeper } from './commands/delete-attachment.ts'
import { serve } from './content.ts'
import type { Links } from './links.ts'
import { requireReadable } from './policy.ts'
import {
  AttachmentInfected,
  AttachmentNotScanned,
  AttachmentTooLarge,
  AttachmentTypeNotAllowed,
  TooManyUploads,
} from './problems.ts'
import { findAttachment, getVisibleAttachment, toAttachment } from './queries.ts'
import * as shape from './schema.ts'
import { STRAY_MS } from './sweep.ts'
import type { AttachmentRow } from './tables.ts'
import { createGate, createLine, keep, requireFits, takeIn, type UploadLimits } from './upload.ts'

const read = { roles: everyone, scope: 'attachments:read' }
const write = { roles: everyone, scope: 'attachments:write' }
const tag = 'Attachments'
const unreadable = [AttachmentNotScanned, AttachmentInfected, StorageUnavailable]

// Files that arrive together must not take every connection to the database, nor wait for one until they are refused.
const RECORDED_AT_A_TIME = 8

interface AttachmentHouse {
  files: FileStore
  log: Logger
  clock: Clock
  links: Links
  limits: UploadLimits
  keeper: MessageKeeper
  isScanned: boolean
  linkUrl(token: string): string
}

function etagOf({ version }: AttachmentRow) {
  return { etag: `v${version}` }
}

/** The operations on attachments. */
export function attachmentRoutes(house: AttachmentHouse): Route[] {
  const { files, links, keeper, limits } = house
  const oneOf = createGate(limits.perCaller)
  const inLine = createLine(RECORDED_AT_A_TIME)
  return [
    route({
      method: 'POST',
      path: '/v1/attachments',
      operationId: 'createAttachment',
      summary: 'Upload a file',
      description:
        'Takes one file as `multipart/form-data`, of any size that the desk allows. A message names it by `attachment_ids`; until then only you and admins see it, and after a day it is gone. What it is, is said by its first bytes: `content_type`. With an `Idempotency-Key` a retry must send the same file.',
      tag,
      access: write,
      upload: 'The file, under its name.',
      answers: { 201: shape.Attachment },
      problems: [AttachmentTooLarge, AttachmentTypeNotAllowed, TooManyUploads, StorageFull, StorageUnavailable, Conflict],
      handle: ({ actor, receive, transact }) =>
        oneOf(actor.id, async () => {
          const arrived = await receive({
            requireFits: (length) => requireFits(length, limits),
            take: (file) => takeIn(file, { files, limits }),
            undo: ({ received }) => files.spool.discard(received),
          })
          const { received, name, content_type } = arrived
          const { sha256, size } = received
          const arrived_at = house.clock.now()
          const scan_state = house.isScanned ? ('pending' as const) : ('unscanned' as const)
          return keep(arrived, files, async (storage_key) => {
            let isNeeded = false
            const record = async (tx: Tx) => {
              // After a long sleep of the machine a sweep may have taken the file for one that nobody names.
              if (tx.now - arrived_at > STRAY_MS / 2) throw StorageUnavailable({ headers: { 'Retry-After': '1' } })
              const uploaded = { sha256, size, storage_key, name, content_type, scan_state }
              const { row, is_new } = await createAttachment(tx, actor, uploaded)
              isNeeded = is_new
              return created(`/v1/attachments/${row.id}`, toAttachment(row), {
                ...etagOf(row),
                // What is gone, or is called otherwise by now, is not answered again.
                subject: { id: row.id, view: 'uploader' },
              })
            }
            const value = await inLine(() => transact(record, `${sha256} ${name}`))
            return { value, isNeeded }
          })
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/attachments/:attachment',
      operationId: 'getAttachment',
      summary: 'Get an attachment',
      description: 'What is known about a file: for who reads the message that names it, and for its uploader while none does.',
      tag,
      access: read,
      params: shape.AttachmentParams,
      answers: { 200: shape.Attachment },
      handle: async ({ actor, params, db }) => {
        const row = await getVisibleAttachment(db, actor, { id: params.attachment, readership: keeper })
        return ok(toAttachment(row), etagOf(row))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/attachments/:attachment/content',
      operationId: 'getAttachmentContent',
      summary: 'Download a file',
      description:
        'The bytes. Pictures that are nothing else may be shown in a page; everything else is a download, and HTML and SVG are given out as no type in particular. A content that is read as a whole is checked on the way: a damaged one breaks off. A range is not.',
      tag,
      access: read,
      params: shape.AttachmentParams,
      answers: { 200: null },
      content: 'The bytes of the file.',
      problems: unreadable,
      handle: async ({ actor, params, db }) => {
        const row = await getVisibleAttachment(db, actor, { id: params.attachment, readership: keeper })
        const { content, ...extras } = await serve(db, row, house)
        return bytes(content, extras)
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/attachments/:attachment',
      operationId: 'deleteAttachment',
      summary: 'Remove an attachment',
      description:
        'Its uploader takes a file back while no message names it; an admin removes it also from a message. It is gone for ever.',
      tag,
      access: write,
      params: shape.AttachmentParams,
      answers: { 204: null },
      problems: [VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteAttachment(tx, actor, { id: params.attachment, if_match, keeper })
          return noContent()
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/attachments/:attachment/link',
      operationId: 'createAttachmentLink',
      summary: 'Make a link to a file',
      description:
        'An address that opens the content without a credential for a few minutes, for pictures in pages and mails. It works as long as people on your side of the ticket can read the message: not once that was retracted or deleted.',
      tag,
      access: read,
      params: shape.AttachmentParams,
      answers: { 200: shape.AttachmentLink },
      problems: [AttachmentNotScanned, AttachmentInfected],
      secret: true,
      handle: async ({ actor, params, db }) => {
        const row = await getVisibleAttachment(db, actor, { id: params.attachment, readership: keeper })
        requireReadable(row, house.isScanned)
        const { token, expires_at } = links.sign(row.id, row.side)
        return ok({ object: 'attachment_link', url: house.linkUrl(token), expires_at: toTime(expires_at) })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/attachment-links/:token',
      operationId: 'openAttachmentLink',
      summary: 'Open a link to a file',
      description:
        'The bytes behind a link. One that is wrong, expired, or whose message its side cannot read any more is not found.',
      tag,
      access: 'open',
      params: shape.LinkParams,
      answers: { 200: null },
      content: 'The bytes of the file.',
      problems: unreadable,
      handle: async ({ params, db }) => {
        const link = links.read(params.token)
        const row = link && (await findAttachment(db, link.attachment_id))
        if (!link || !row) throw NotFound()
        const { message_id } = row
        const isRead =
          link.side === 'uploader'
            ? message_id === null
            : message_id !== null && (await keeper.isReadBy(db, link.side, message_id))
        if (!isRead) throw NotFound()
        const { content, etag, headers } = await serve(db, row, house)
        // The page or mail that shows it is not ours.
        return bytes(content, { etag, headers: { ...headers, 'Cross-Origin-Resource-Policy': 'cross-origin' } })
      },
    }),
  ]
}

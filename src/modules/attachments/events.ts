import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

const file = { content_type: Type.String(), size: Type.Integer() }

/** Somebody uploaded a file. Never its name. */
export const attachmentUploaded = defineEvent('attachment.uploaded', strict(file))

/** A scanner has looked at an attachment; `signature` is what it calls what it found. */
export const attachmentScanned = defineEvent(
  'attachment.scanned',
  strict({ scan_state: Type.String(), signature: nullable(Type.String()) }),
)

/** An attachment is gone: removed by somebody, or never named by a message. */
export const attachmentDeleted = defineEvent('attachment.deleted', strict({ message_id: nullable(Type.String()) }))

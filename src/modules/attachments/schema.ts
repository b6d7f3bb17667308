import { type Static, Type } from 'typebox'
import { named, nullable, strict, Time } from '../../platform/http/schemas.ts'

const AttachmentId = Type.String({ pattern: '^att_[0-9a-hjkmnp-tv-z]{26}$', description: 'An attachment.' })

export const AttachmentParams = strict({ attachment: AttachmentId })

export const Attachment = named(
  'Attachment',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('attachment'),
    name: Type.String({ description: 'As its uploader called it, without folders.' }),
    content_type: Type.String({ description: 'What its first bytes say that it is, whatever its uploader said.' }),
    size: Type.Integer({ description: 'In bytes.' }),
    scan_state: Type.Enum(['unscanned', 'pending', 'clean', 'infected', 'failed'], {
      type: 'string',
      description:
        '`unscanned` where no scanner was set up. Where there is one, only what is `clean` can be read; what is `infected` never.',
    }),
    message_id: nullable(
      Type.String({ description: 'The message that names it; until then only its uploader and admins see it.' }),
    ),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  }),
)
export type Attachment = Static<typeof Attachment>

/** Uploads that a message names. */
export const AttachmentIds = Type.Array(AttachmentId, {
  maxItems: 100,
  uniqueItems: true,
  description: 'Files that you uploaded before, in their order; each may be named once.',
})

export const AttachmentLink = named(
  'AttachmentLink',
  Type.Object({
    object: Type.Literal('attachment_link'),
    url: Type.String({ description: 'Opens the content without a credential, until it expires.' }),
    expires_at: Time,
  }),
)

export const LinkParams = strict({
  token: Type.String({ minLength: 1, maxLength: 200, pattern: '^[\\w.-]+$', description: 'The last part of a link.' }),
})

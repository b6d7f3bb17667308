import { Type } from 'typebox'
import type { Reader } from '../../platform/database/schema.ts'
import { attachmentsIn, hasImages, type Images, imageChoices } from '../../platform/markdown/images.ts'
import type { Renderer } from '../../platform/markdown/renderer.ts'
import type { View } from './message.ts'
import type { SignedMessage } from './present.ts'

/** An attachment that a message shows by its id. */
interface ShownAttachment {
  attachment_id: string
  message_id: string
  /** Who reads that message: what the link is good for ends with that. */
  side: View
}

/**
 * Finds whole addresses under which attachments can be loaded for a while. One that is no attachment of that very message, or
 * that nobody may load yet, has none.
 */
type FindImageLinks = (db: Reader, shown: readonly ShownAttachment[]) => Promise<(one: ShownAttachment) => string | undefined>

/** What operations that post and show messages are given. */
export interface MessageParts {
  findImageLinks: FindImageLinks
  attachmentsPerMessage: number
}

/** What makes messages ready to be shown. */
interface Stage {
  renderer: Renderer
  findImageLinks: FindImageLinks
}

/** How a caller says which images he wants to see. */
export const ImagesWanted = Type.Optional(
  Type.Enum([...imageChoices], {
    type: 'string',
    default: 'none',
    description:
      'Which images `body_html` shows: none; those that are attachments of the message, by links that end soon; or all, which tells the hosts of the others that somebody reads it.',
  }),
)

/** Messages with the images that their reader wants to see. */
export async function showMessages(
  { renderer, findImageLinks }: Stage,
  db: Reader,
  messages: readonly SignedMessage[],
  images: Images = 'none',
): Promise<SignedMessage[]> {
  const withImages = images === 'none' ? [] : messages.filter(({ body_html }) => hasImages(body_html))
  if (withImages.length === 0) return [...messages]
  const named = withImages.map(({ id, visibility, body_html }) =>
    attachmentsIn(body_html).map((attachment_id) => ({
      attachment_id,
      message_id: id,
      side: visibility === 'internal' ? ('staff' as const) : ('requester' as const),
    })),
  )
  const linkOf = await findImageLinks(db, named.flat())
  const texts = withImages.map(({ body_html }, i) => {
    const links = named[i]?.map((one) => [one.attachment_id, linkOf(one)] as const) ?? []
    return { html: body_html, links: new Map(links.filter((link): link is [string, string] => link[1] !== undefined)) }
  })
  const htmls = await renderer.showImages({ images, texts })
  const shown = new Map(withImages.map(({ id, body_html }, i) => [id, htmls[i] ?? body_html]))
  return messages.map((message) => ({ ...message, body_html: shown.get(message.id) ?? message.body_html }))
}

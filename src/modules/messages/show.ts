import { Type } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { attachmentsIn, hasImages, type Images, imageChoices } from '../../platform/markdown/images.ts'
import type { Renderer } from '../../platform/markdown/renderer.ts'
import type { SignedMessage } from './present.ts'

/** An attachment that a message shows by its id. */
export interface ShownAttachment {
  message_id: string
  attachment_id: string
}

/**
 * Finds whole addresses under which whoever reads may load attachments for a while. An attachment that is not of that very
 * message, or that this actor may not load, has none.
 */
export type FindImageLinks = (
  db: Reader,
  actor: Actor,
  shown: readonly ShownAttachment[],
) => Promise<(shown: ShownAttachment) => string | undefined>

/** What makes messages ready to be shown. */
export interface Stage {
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
  { actor, images = 'none' }: { actor: Actor; images?: Images | undefined },
): Promise<SignedMessage[]> {
  const withImages = images === 'none' ? [] : messages.filter(({ body_html }) => hasImages(body_html))
  if (withImages.length === 0) return [...messages]
  const named = withImages.map(({ id, body_html }) =>
    attachmentsIn(body_html).map((attachment_id) => ({ message_id: id, attachment_id })),
  )
  const linkOf = await findImageLinks(db, actor, named.flat())
  const texts = withImages.map(({ body_html }, i) => {
    const links = named[i]?.map((shown) => [shown.attachment_id, linkOf(shown)] as const) ?? []
    return { html: body_html, links: new Map(links.filter((link): link is [string, string] => link[1] !== undefined)) }
  })
  const htmls = await renderer.showImages({ images, texts })
  const shown = new Map(withImages.map(({ id, body_html }, i) => [id, htmls[i] ?? body_html]))
  return messages.map((message) => ({ ...message, body_html: shown.get(message.id) ?? message.body_html }))
}

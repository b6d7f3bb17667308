import { sanitize } from './sanitize.ts'

// A message is kept with its images as marks, which say what could stand there. Whoever asks for images gets them put in
// place of the marks when he reads.

/** What of the images in a text is shown: nothing, what came with it, or also what lies elsewhere. */
export const imageChoices = ['none', 'attachments', 'all'] as const
export type Images = (typeof imageChoices)[number]

/** Texts, and what is to be shown in them. */
export interface Wanted {
  images: Images
  /** Each with whole addresses of its attachments by their ids: of those that this reader may see, and no others. */
  texts: readonly { html: string; links: ReadonlyMap<string, string> }[]
}

const MARK = /<span data-(image|attachment)="([^"]*)">([^<]*)<\/span>/g
const ATTACHMENT_MARK = /<span data-attachment="([^"]*)">/g

/** Whether a text holds an image that could be shown. */
export function hasImages(html: string): boolean {
  return html.includes('<span data-')
}

/** The ids of the attachments that a text wants to show. */
export function attachmentsIn(html: string): string[] {
  return Array.from(html.matchAll(ATTACHMENT_MARK), ([, id = '']) => id)
}

/** The texts with images in place of their marks, sanitised once more. */
export function showImages({ images, texts }: Wanted): string[] {
  return texts.map(({ html, links }) => {
    if (images === 'none' || !hasImages(html)) return html
    const sources = new Set(links.values())
    const shown = html.replace(MARK, (mark, kind: string, name: string, alt: string) => {
      const source = kind === 'attachment' ? escapeAttribute(links.get(name)) : images === 'all' ? name : undefined
      if (source === undefined) return mark
      return `<img src="${source}" alt="${alt.replaceAll('"', '&quot;')}" loading="lazy" referrerpolicy="no-referrer" />`
    })
    return sanitize(shown, (source) => sources.has(source) || (images === 'all' && /^https:\/\//i.test(source)))
  })
}

function escapeAttribute(text: string | undefined): string | undefined {
  return text?.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

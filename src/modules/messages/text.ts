import type { Renderer } from '../../platform/markdown/renderer.ts'

/** What somebody wrote, to the letter, and how it is shown. */
export interface Text {
  body: string
  body_html: string
}

/** The longest body, in characters. */
export const BODY_MAX = 1_048_576

/** A body, Markdown or plain text, with its HTML. It may take seconds: not for inside a transaction. */
export async function toText(renderer: Renderer, body: string): Promise<Text> {
  return { body, body_html: await renderer.render(body) }
}

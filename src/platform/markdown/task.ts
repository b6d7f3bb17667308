import { showImages, type Wanted } from './images.ts'
import { renderMarkdown, TooDeep } from './markdown.ts'
import { plainHtml } from './plain.ts'

/** What is rendered: a body, or texts with the images that somebody wants to see. */
export type Task = { body: string } | Wanted

/** Renders; in a thread where it may take long. */
export function doTask(task: Task): string[] {
  return 'body' in task ? [renderBounded(task.body)] : showImages(task)
}

// Links that nobody typed as such, and marks that stand for tags, can make a body many times as long.
const GROWTH_MAX = 10
const HTML_MAX = 4 * 1024 * 1024

function renderBounded(body: string): string {
  try {
    const html = renderMarkdown(body)
    return html.length > Math.min(HTML_MAX, GROWTH_MAX * body.length + 4096) ? plainHtml(body) : html
  } catch (error) {
    if (error instanceof TooDeep) return plainHtml(body)
    throw error
  }
}

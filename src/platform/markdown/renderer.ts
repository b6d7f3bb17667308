import { availableParallelism } from 'node:os'
import { createThreads, type Failure, type Threads } from '../threads.ts'
import type { Wanted } from './images.ts'
import { isPlain, plainHtml } from './plain.ts'
import { doTask, type Task } from './task.ts'

/** Turns what people wrote into HTML that may stand in any page. */
export interface Renderer {
  /** The HTML of a body, Markdown or plain text: as plain text where rendering would take too long. Never throws. */
  render(body: string): Promise<string>
  /** What `render` made, with images; as it was where that would take too long. */
  showImages(wanted: Wanted): Promise<string[]>
  close(): Promise<void>
}

const THREAD = new URL('./thread.ts', import.meta.url)

const LIGHT_CHARACTERS = 8192
const LIGHT_MARKS = 750
const SHOWN_AT_ONCE = 16_384
// Each of these may cost a tag.
const MARKS = /[\n*_`~<>|&[\]!\\#@:]/g

/** Whether rendering a body costs no more than a request does: then it is done at once. */
export function isLight(body: string): boolean {
  return body.length <= LIGHT_CHARACTERS && (body.match(MARKS)?.length ?? 0) <= LIGHT_MARKS
}

/** A renderer whose heavy work is done in threads, none of which runs before it is needed. */
export function createRenderer({
  onFailure,
  threads = createThreads({
    entry: THREAD,
    size: Math.max(1, Math.min(2, availableParallelism() - 1)),
    // By the clock: the worst mebibyte that was found takes 1.4 s of a free core, and cores are not always free.
    taskMs: 4000,
    waitMs: 5000,
    queueMax: 32,
    memoryMb: 256,
    onFailure,
  }),
}: {
  onFailure: (failure: Failure, error?: unknown) => void
  threads?: Threads<Task, string[]>
}): Renderer {
  return {
    render: async (body) => {
      if (isPlain(body)) return plainHtml(body)
      const [html] = (isLight(body) ? doTask({ body }) : await threads.run({ body })) ?? []
      return html ?? plainHtml(body)
    },
    showImages: async (wanted) => {
      const length = wanted.texts.reduce((sum, { html }) => sum + html.length, 0)
      const shown = length <= SHOWN_AT_ONCE ? doTask(wanted) : await threads.run(wanted)
      return shown ?? wanted.texts.map(({ html }) => html)
    },
    close: () => threads.close(),
  }
}

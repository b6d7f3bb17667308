import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Renderer } from '../../platform/markdown/renderer.ts'
import { Conflict } from '../../platform/problems.ts'
import { type Text, toText } from '../messages/index.ts'
import { getVisibleTicket } from '../tickets/index.ts'
import { TextStale } from './commands/apply-macro.ts'
import { contentOf } from './macro.ts'
import { getVisibleMacro } from './queries.ts'
import { renderMessage } from './rendering.ts'
import type { ForTicket } from './schema.ts'

const TRIES = 5

/**
 * Makes a macro's text ready for a ticket, and runs `work` with it. Its HTML costs time, and so is made outside the transaction:
 * where ticket or macro have changed in between the transaction says so, and the text is made again.
 */
export async function withTextFor<T>(
  { db, renderer }: { db: Reader; renderer: Renderer },
  actor: Actor,
  { macro_id, given }: { macro_id: string; given: ForTicket },
  work: (text: Text | undefined) => Promise<T>,
): Promise<T> {
  for (let i = 0; i < TRIES; i++) {
    const ticket = await getVisibleTicket(db, actor, given.ticket_id)
    const { message } = contentOf(await getVisibleMacro(db, actor, { kind: 'macro', id: macro_id }))
    const text = message ? await toText(renderer, (await renderMessage(db, actor, { ticket, message, given })).body) : undefined
    try {
      return await work(text)
    } catch (error) {
      if (!(error instanceof TextStale)) throw error
    }
  }
  throw Conflict()
}

import type { Actor } from '../../platform/actor.ts'
import { Forbidden, Problem } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { Text } from '../messages/index.ts'
import { canWork, getVisibleTicket, type SeenTicket, toTicket } from '../tickets/index.ts'
import { applyMacro } from './commands/apply-macro.ts'
import { contentOf } from './macro.ts'
import { getVisibleMacro } from './queries.ts'
import { missingValues, renderMessage } from './rendering.ts'
import type { ForTicket, MacroPreview } from './schema.ts'

const SHOWN = ['status', 'priority', 'queue_id', 'category_id', 'assignee_id', 'type_id', 'pending_until', 'tags'] as const

/** Applies a macro to see what comes of it: by the command itself, in a transaction that is undone afterwards. */
export async function tryMacro(
  tx: Tx,
  actor: Actor,
  { macro_id, given, text }: { macro_id: string; given: ForTicket; text: Text | undefined },
): Promise<MacroPreview> {
  const before = await getVisibleTicket(tx.db, actor, given.ticket_id, 'for update')
  const { message } = contentOf(await getVisibleMacro(tx.db, actor, { kind: 'macro', id: macro_id }))
  if (!canWork(before)) throw Forbidden({ detail: 'Only who works on the ticket applies macros to it.' })
  const rendered = message && (await renderMessage(tx.db, actor, { ticket: before, message, given }))
  const was = shown(before, actor)
  let changes: MacroPreview['changes'] = []
  let problem = rendered && rendered.missing.length > 0 ? missingValues(rendered.missing) : null
  try {
    const after = await applyMacro(tx, actor, { macro_id, given, text, withMarks: true })
    changes = differences(was, shown(after, actor))
  } catch (error) {
    // What the caller could not have known is no answer to him.
    if (!(error instanceof Problem) || error.statusCode >= 500) throw error
    problem = error
  }
  return {
    object: 'macro_preview',
    ticket_id: before.id,
    allowed: problem === null,
    problem: problem && toFacts(problem),
    message:
      message && rendered && text
        ? {
            visibility: message.visibility,
            ...rendered,
            body_html: text.body_html,
            attachment_ids: [...message.attachment_ids],
          }
        : null,
    changes,
  }
}

function shown(ticket: SeenTicket, actor: Actor): Map<string, unknown> {
  const { fields = {}, ...rest } = toTicket(ticket, actor)
  const values = Object.entries(fields).map(([key, value]): [string, unknown] => [`fields.${key}`, value])
  return new Map<string, unknown>([...SHOWN.map((key): [string, unknown] => [key, rest[key]]), ...values])
}

function differences(was: ReadonlyMap<string, unknown>, is: ReadonlyMap<string, unknown>): MacroPreview['changes'] {
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const [from, to] = [was.get(field) ?? null, is.get(field) ?? null]
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from, to }]
  })
}

function toFacts({ definition, extras }: Problem): NonNullable<MacroPreview['problem']> {
  const errors = (extras.errors ?? []).map(({ pointer, code, detail }) => ({
    ...(pointer === undefined ? {} : { pointer }),
    code,
    detail,
  }))
  return { code: definition.code, detail: extras.detail ?? definition.title, errors }
}

import type { Actor } from '../../platform/actor.ts'
import { Forbidden, Problem } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { Text } from '../messages/index.ts'
import { canWork, getVisibleTicket, type SeenTicket, toTicket } from '../tickets/index.ts'
import { applyMacro } from './commands/apply-macro.ts'
import { contentOf } from './macro.ts'
import { getVisibleMacro } from './queries.ts'
import { renderMessage } from './rendering.ts'
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
  const application = { macro_id, given, text }
  // What is missing is refused before anything is written; with marks in its place one sees what else would be.
  const isComplete = rendered === null || rendered.missing.length === 0
  const refused = isComplete ? null : problemOf(await attempt(() => applyMacro(tx, actor, application)))
  const outcome = await attempt(() => applyMacro(tx, actor, { ...application, withMarks: true }))
  const problem = refused ?? problemOf(outcome)
  const changes = outcome instanceof Problem ? [] : differences(was, shown(outcome, actor))
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

/** What comes of it, or why it is refused. What the caller could not know of is no answer to him. */
async function attempt(work: () => Promise<SeenTicket>): Promise<SeenTicket | Problem> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Problem && error.statusCode < 500) return error
    throw error
  }
}

function problemOf(outcome: SeenTicket | Problem): Problem | null {
  return outcome instanceof Problem ? outcome : null
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

import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { type FieldError, invalidField, invalidFields, type Problem } from '../../platform/problems.ts'
import { type Part, parseTemplate, placeholdersIn, renderTemplate } from '../../platform/template.ts'
import { BODY_MAX } from '../messages/index.ts'
import type { SeenTicket } from '../tickets/index.ts'
import { chooseVariant } from './locale.ts'
import type { MessageTemplate } from './macro.ts'
import { lookUp } from './placeholders.ts'
import { PlaceholderMissing } from './problems.ts'
import type { ForTicket } from './schema.ts'
import { findValue } from './values.ts'

/** A placeholder for which there is no text. */
interface Missing {
  placeholder: string
  reason: 'empty' | 'unknown' | 'not_public'
}

/** A text as it would be written for a ticket, in Markdown. */
interface Rendered {
  locale: string
  body: string
  missing: Missing[]
}

/** The text for a ticket that the actor sees, in the language that was asked for. */
export async function renderMessage(
  db: Reader,
  actor: Actor,
  { ticket, message, given }: { ticket: SeenTicket; message: MessageTemplate; given: Pick<ForTicket, 'locale' | 'values'> },
): Promise<Rendered> {
  const { locale, values = {} } = given
  requireKnownValues(message, values)
  // Whoever raised the ticket has no language of his own yet: his would come second.
  const variant = chooseVariant(message.variants, locale === undefined ? [] : [locale])
  if (!variant) throw new Error('a message without a text was saved')
  const parts = partsOf(variant.body)
  const { visibility } = message
  const found = new Map(Object.entries(values))
  const reasons = new Map<string, Missing['reason']>()
  for (const name of placeholdersIn(parts)) {
    if (found.has(name)) continue
    const is = lookUp(name, { definitions: ticket.definitions, visibility })
    const value = is === 'usable' ? await findValue(db, name, { actor, ticket, visibility }) : undefined
    if (value !== undefined) found.set(name, value)
    reasons.set(name, is === 'usable' ? 'empty' : is)
  }
  const { body, missing } = renderTemplate(parts, (name) => found.get(name))
  if (body.length > BODY_MAX)
    throw invalidField('/ticket_id', 'too_long', 'For this ticket the text is longer than a message may be.')
  return {
    locale: variant.locale,
    body,
    missing: missing.map((placeholder) => ({ placeholder, reason: reasons.get(placeholder) ?? 'empty' })),
  }
}

function partsOf(body: string): Part[] {
  const read = parseTemplate(body)
  if ('fault' in read) throw new Error(`a text was saved that is no template: ${read.fault.code}`)
  return read.parts
}

/** A value that no variant has a place for is a mistake of the caller's. */
function requireKnownValues({ variants }: MessageTemplate, values: Readonly<Record<string, string>>): void {
  const names = Object.keys(values)
  if (names.length === 0) return
  const known = new Set(variants.flatMap(({ body }) => placeholdersIn(partsOf(body))))
  const errors: FieldError[] = names
    .filter((name) => !known.has(name))
    .map((name) => ({ pointer: `/values/${name}`, code: 'unknown_placeholder', detail: `The text has no {{${name}}}.` }))
  if (errors.length > 0) throw invalidFields(errors)
}

/** Refuses a text in which something is missing: with a pointer to where the caller may give it. */
export function missingValues(missing: readonly Missing[]): Problem {
  return PlaceholderMissing({
    detail: `There is no text for ${missing.map(({ placeholder }) => `{{${placeholder}}}`).join(', ')}.`,
    errors: missing.map(({ placeholder, reason }) => ({
      pointer: `/values/${placeholder}`,
      code: reason,
      detail: detailOf[reason],
    })),
  })
}

const detailOf: Readonly<Record<Missing['reason'], string>> = {
  empty: 'The ticket has no such value.',
  unknown: 'There is no such placeholder any more.',
  not_public: 'Requesters do not see this any more.',
}

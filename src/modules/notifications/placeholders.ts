import { nearest } from '../../platform/nearest.ts'
import { type Fault, type Part, parseTemplate, placeholdersIn, toLine } from '../../platform/template.ts'

/** What the wording of a mail can name, and what it is. There is nothing internal among it: any kind may go to a requester. */
export const placeholders: Readonly<Record<string, string>> = {
  'ticket.number': 'What people call it by.',
  'ticket.subject': 'Its subject.',
  'ticket.status': 'What the reader calls its status.',
  'queue.name': 'Its queue, where the reader may know of it.',
  'requester.name': 'Who raised it.',
  'requester.first_name': 'The first word of that name.',
  'recipient.name': 'Who gets the mail.',
  'recipient.first_name': 'The first word of that name.',
  'actor.name': 'Who wrote the message; to staff also who did what the mail tells.',
  'mailbox.name': 'The name that the mail comes from.',
}

/** What is wrong with a wording; undefined where nothing is. */
export function faultOf(source: string): Fault | undefined {
  const read = parseTemplate(source)
  if ('fault' in read) return read.fault
  for (const name of placeholdersIn(read.parts)) {
    if (name in placeholders) continue
    const meant = nearest(name, Object.keys(placeholders))
    return {
      code: 'unknown_placeholder',
      detail: `There is no placeholder {{${name}}}${meant ? `: did you mean {{${meant}}}?` : '.'}`,
    }
  }
  return undefined
}

/** A wording with its values in it, as plain text. Where there is neither a value nor a fallback nothing stands. */
export function fillIn(source: string, values: Readonly<Record<string, string | undefined>>): string {
  const read = parseTemplate(source)
  if ('fault' in read) throw new Error(`a wording was kept that is no template: ${read.fault.code}`)
  return read.parts.map((part) => fillPart(part, values)).join('')
}

function fillPart(part: Part, values: Readonly<Record<string, string | undefined>>): string {
  // A backslash takes a brace, or another backslash, as it is; before anything else it is one.
  if ('text' in part) return part.text.replace(/\\([\\{}])/g, '$1')
  return toLine(values[part.placeholder] ?? '') || (part.fallback ?? '')
}

import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { allEvents, type EventDefinition } from '../src/platform/events.ts'
import '../src/app.ts'

/** `docs/events.md`, made from the declared events and the comments above them. */
export function renderEventsDocs(): string {
  const sentences = readSentences()
  const events = allEvents().map((event) => renderEvent(event, sentences.get(event.type)))
  return `# Events

Everything that happens is kept as an event, in the transaction that changed the rows. \`GET /v1/events\` and
\`GET /v1/tickets/{ticket}/events\` give them in order, to each reader as far as he may see them; reactions inside Beckon get the
same ones. The names are kept for ever, and facts are only added.

An event is thin: who (\`actor\`), about what (\`subject\`, \`ticket_id\`), when (\`occurred_at\`), and in \`data\` and \`previous\` the few
facts below. It never holds the text of a message. \`position\` is its place in the whole desk's log; gaps mean nothing.

${events.join('\n\n')}
`
}

function renderEvent({ type, data }: EventDefinition, sentence = ''): string {
  const { properties, required = [] } = data as { properties: Record<string, Shape>; required?: string[] }
  const facts = Object.entries(properties).map(([key, shape]) => {
    const absent = required.includes(key) ? '' : ', may be absent'
    return `- \`${key}\`: ${kindOf(shape)}${absent}${shape.description ? `. ${shape.description}` : ''}`
  })
  return [`## \`${type}\``, sentence, ...(facts.length > 0 ? [facts.join('\n')] : [])].join('\n\n')
}

interface Shape {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  items?: Shape
  anyOf?: Shape[]
  description?: string
}

function kindOf({ type, enum: values, const: value, items, anyOf }: Shape): string {
  if (value !== undefined) return `\`${String(value)}\``
  if (values) return values.map((item) => `\`${String(item)}\``).join(', ')
  if (items) return `list of ${kindOf(items)}`
  if (anyOf) return anyOf.map(kindOf).join(' or ')
  return [type ?? 'anything'].flat().join(' or ')
}

/** The sentence above each declaration, by the type of its event. */
export function readSentences(): Map<string, string> {
  const sentences = new Map<string, string>()
  const root = fileURLToPath(new URL('../', import.meta.url))
  for (const path of globSync('src/modules/**/*.ts', { cwd: root }))
    for (const [, comment = '', type = ''] of readFileSync(`${root}${path}`, 'utf8').matchAll(DECLARATION))
      sentences.set(
        type,
        comment
          .replace(/^\s*\* ?/gm, '')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      )
  return sentences
}

const DECLARATION = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const \w+ = defineEvent\(\s*'([^']+)'/g

import { type InspectColor, styleText } from 'node:util'
import type { EventJson } from '../../modules/history/index.ts'
import { firstLine } from '../command.ts'

/** What an event's line is made with, beside the event. */
interface Dress {
  /** What somebody is called, by his id. */
  nameOf(id: string): string
  /** Whether colours are understood. */
  isColoured: boolean
  /** How wide the line may be; undefined: as it comes. */
  columns: number | undefined
}

const colours: Readonly<Record<string, InspectColor>> = { ticket: 'cyan', message: 'green', user: 'magenta', session: 'magenta' }
const TYPE = 22

/** One event in one line, for people: when, at which position, what, in which ticket, by whom. */
export function eventLine(event: EventJson, { nameOf, isColoured, columns }: Dress): string {
  const { type, occurred_at, position, visibility } = event
  const ticket = ticketOf(event)
  const parts = [
    ...(ticket ? [`#${ticket.number}`] : []),
    nameOf(event.actor.id),
    ...(visibility === 'internal' && type.startsWith('message.') ? ['(note)'] : []),
    detailOf(event, nameOf),
    ...(ticket && type !== 'ticket.created' ? [`[${ticket.subject}]`] : []),
  ]
  const said = parts.filter((part) => part !== '').join('  ')
  const head = `${occurred_at.slice(11, 19)}  ${String(position).padStart(6)}  `
  const width = columns === undefined ? said.length : Math.max(0, columns - head.length - TYPE - 3)
  const rest = said.length > width ? `${said.slice(0, Math.max(0, width - 1))}…` : said
  const name = type.padEnd(TYPE)
  if (!isColoured) return `${head}${name}  ${rest}`
  const noun = type.slice(0, type.indexOf('.'))
  const colour = visibility === 'internal' ? 'yellow' : (colours[noun] ?? 'blue')
  // Whether the terminal understands them was asked before.
  const paint = (how: InspectColor, text: string): string => styleText(how, text, { validateStream: false })
  return `${paint('gray', head)}${paint(colour, name)}  ${rest}`
}

/** What an event tells beside its type. */
function detailOf({ type, data, previous, object }: EventJson, nameOf: (id: string) => string): string {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  switch (type) {
    case 'ticket.created':
      return text(fieldOf(object, 'subject'))
    case 'message.created':
    case 'message.edited':
      return firstLine(text(fieldOf(object, 'body')).replace(/\s+/g, ' '))
    case 'ticket.status_changed':
      return `${text(fieldOf(previous, 'status'))} → ${text(fieldOf(data, 'status'))}`
    case 'ticket.assigned': {
      const id = fieldOf(data, 'assignee_id')
      return typeof id === 'string' ? `→ ${nameOf(id)}` : '→ nobody'
    }
    case 'ticket.tagged':
    case 'ticket.untagged':
      return listOf(fieldOf(data, 'tags'))
    default:
      return listOf(fieldOf(data, 'changed')) || text(fieldOf(object, 'name'))
  }
}

function ticketOf({ ticket, subject, object }: EventJson): { number: unknown; subject: unknown } | undefined {
  const shown = subject.type === 'ticket' ? object : ticket
  const number = fieldOf(shown, 'number')
  return number === undefined ? undefined : { number, subject: fieldOf(shown, 'subject') }
}

function listOf(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : ''
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
}

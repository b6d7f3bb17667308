import type { Actor } from '../../platform/actor.ts'
import type { ScopeFacts, View } from '../tickets/index.ts'

/** What a stream is about: one ticket, the tickets of a queue or a view, what concerns the reader himself, or all that he sees. */
export type Topic =
  | { kind: 'ticket'; id: string }
  | { kind: 'queue'; id: string }
  | { kind: 'view'; id: string }
  | { kind: 'me' }
  | { kind: 'all' }

/** How a topic is written: `ticket:tkt_…`, `queue:que_…`, `view:vie_…`, `me`, `all`. A ticket may also be named by number or external id. */
export const TOPIC_PATTERN =
  '^(ticket:(tkt_[0-9a-hjkmnp-tv-z]{26}|[1-9][0-9]{0,14}|ext:.{1,200})|queue:que_[0-9a-hjkmnp-tv-z]{26}|view:vie_[0-9a-hjkmnp-tv-z]{26}|me|all)$'

/** Reads a topic that has the form of `TOPIC_PATTERN`. The id of a ticket may still be a number or an external id. */
export function readTopic(text: string): Topic {
  if (text === 'me' || text === 'all') return { kind: text }
  const at = text.indexOf(':')
  // The pattern lets nothing else through.
  return { kind: text.slice(0, at) as 'ticket' | 'queue' | 'view', id: text.slice(at + 1) }
}

/** Writes a topic as clients name it. */
export function writeTopic(topic: Topic): string {
  return 'id' in topic ? `${topic.kind}:${topic.id}` : topic.kind
}

/** Somebody, and how he sees a ticket: from which side, if at all, and whether the view that is asked about lists it. */
interface Looker {
  actor: Actor
  view: View | null
  isListed: boolean
}

/** Whether a ticket that somebody sees belongs to a topic, as the facts say. */
export function isWithin(topic: Topic, ticket: ScopeFacts & { id: string }, { actor, view, isListed }: Looker): boolean {
  if (view === null) return false
  switch (topic.kind) {
    case 'ticket':
      return ticket.id === topic.id
    case 'queue':
      return ticket.queue_id === topic.id
    case 'view':
      return isListed
    case 'me':
      return actor.type === 'user' && concerns(ticket, actor.id, view)
    case 'all':
      return true
  }
}

function concerns({ requester_id, assignee_id, participants }: ScopeFacts, id: string, view: View): boolean {
  if (requester_id === id || participants.some(({ user_id, role }) => user_id === id && role === 'cc')) return true
  // That somebody has a ticket, or follows it, is known on its staff side alone.
  return view === 'staff' && (assignee_id === id || participants.some(({ user_id }) => user_id === id))
}

/** What of an event says where its ticket was before. */
export interface Move {
  type: string
  data: Readonly<Record<string, unknown>>
  previous: Readonly<Record<string, unknown>> | null
}

/** The events that may take a ticket to somebody, or away from him; but for its end. */
export const movingTypes: readonly string[] = [
  'ticket.updated',
  'ticket.assigned',
  'ticket.participant_added',
  'ticket.participant_removed',
]

const PLACES = ['queue_id', 'assignee_id', 'requester_id', 'organization_id'] as const

/** The facts of a ticket before these moves, which are all that happened since; the last one first. */
export function factsBefore<F extends ScopeFacts>(facts: F, moves: readonly Move[]): F {
  return moves.reduce(undo, facts)
}

function undo<F extends ScopeFacts>(facts: F, { type, data, previous }: Move): F {
  if (type.startsWith('ticket.participant_')) {
    // Written by participantAdded and participantRemoved, of this very shape.
    const one = data as unknown as ScopeFacts['participants'][number]
    const others = facts.participants.filter(({ user_id, role }) => user_id !== one.user_id || role !== one.role)
    return { ...facts, participants: type === 'ticket.participant_added' ? others : [...others, one] }
  }
  const before = PLACES.filter((key) => previous?.[key] !== undefined).map((key) => [key, previous?.[key]])
  return before.length === 0 ? facts : { ...facts, ...Object.fromEntries(before) }
}

/** Whether a ticket may not be in a view any more after an event of this type. */
export function mayLeaveView(filters: Readonly<Record<string, string>>, type: string): boolean {
  if (type === 'ticket.created') return false
  // What is written moves no column that a list asks for, but the words and the time of the last change.
  return type.startsWith('ticket.') || Object.keys(filters).some((name) => name === 'q' || name.startsWith('updated_at'))
}

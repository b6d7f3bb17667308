// Who is told what, as rules: data in, answer out. Who sees what is decided where tickets are seen, and comes in as `side`.

/** What people are told of by mail, the most specific first: of several kinds at once the first that somebody wants is told. */
export const kinds = [
  'mentioned',
  'assigned',
  'reply',
  'note',
  'pending_reminder',
  'reopened',
  'solved',
  'status_changed',
  'new_ticket',
  'ticket_received',
] as const
export type Kind = (typeof kinds)[number]

/** When somebody wants to hear of something. */
export const ways = ['at_once', 'digest', 'off'] as const
export type Way = (typeof ways)[number]
export type Choices = Partial<Record<Kind, Way>>

/** On which side of a ticket somebody stands. */
export type Side = 'staff' | 'requester'

/** What each side hears of, and when, where nobody has said it. What a side is never told of is absent. */
export const usual: Readonly<Record<Side, Readonly<Choices>>> = {
  staff: {
    mentioned: 'at_once',
    assigned: 'at_once',
    reply: 'at_once',
    note: 'at_once',
    pending_reminder: 'at_once',
    reopened: 'at_once',
    solved: 'off',
    status_changed: 'off',
    new_ticket: 'off',
  },
  requester: { ticket_received: 'at_once', reply: 'at_once', solved: 'at_once', reopened: 'at_once', status_changed: 'off' },
}

/** When somebody on this side is told of something. */
export function wayOf(kind: Kind, side: Side, choices: Choices): Way {
  const by_default = usual[side][kind]
  return by_default === undefined ? 'off' : (choices[kind] ?? by_default)
}

type Category = 'new' | 'open' | 'pending' | 'on_hold' | 'solved' | 'closed'

/** One piece of news of a ticket. */
export type Happening = { event_id: string; visibility: 'public' | 'internal' } & (
  | { what: 'raised'; requester_id: string; is_assigned: boolean }
  | { what: 'written'; message_id: string; author_id: string; by: 'staff' | 'requester' | 'program' }
  | { what: 'assigned'; assignee_id: string | null }
  | { what: 'mentioned'; user_id: string; message_id: string }
  | { what: 'stepped'; from: Category; to: Category }
  | { what: 'woken' }
)

/** What somebody did in a ticket in one go: the news of one transaction. */
export interface Act {
  /** Who caused it; nobody who is told anything, where it was a program or Beckon itself. */
  actor_id: string
  happenings: readonly Happening[]
}

/** Somebody who may have to be told, as the rules look at him. */
export interface Person {
  user_id: string
  side: Side
  roles: readonly ('requester' | 'assignee' | 'cc' | 'follower')[]
  /** What he wants to hear of this ticket; null where he takes no part in it. */
  notify: 'all' | 'replies' | 'none' | null
  choices: Choices
}

/** What somebody is owed for an act. */
export interface Owed {
  kind: Kind
  way: 'at_once' | 'digest'
  event_id: string
  message_id: string | null
}

/** The one thing that a person is told of an act; undefined where there is nothing. */
export function owedTo(act: Act, person: Person): Owed | undefined {
  let best: Owed | undefined
  for (const happening of act.happenings) {
    const kind = kindFor(act, happening, person)
    if (kind === undefined || !isHeard(kind, person)) continue
    const way = wayOf(kind, person.side, person.choices)
    if (way === 'off') continue
    const message_id = 'message_id' in happening ? happening.message_id : null
    const owed: Owed = { kind, way, event_id: happening.event_id, message_id }
    if (best === undefined || isBefore(owed, best)) best = owed
  }
  return best
}

/** What is told at once goes before what can wait, and then the more specific. */
function isBefore(one: Owed, other: Owed): boolean {
  if (one.way !== other.way) return one.way === 'at_once'
  return kinds.indexOf(one.kind) < kinds.indexOf(other.kind)
}

/** Whether he wants to hear of it in this ticket. What is for him by name he hears unless he wants nothing at all. */
function isHeard(kind: Kind, { notify }: Person): boolean {
  switch (notify) {
    case 'none':
      return false
    case 'replies':
      return kind === 'reply' || kind === 'ticket_received' || kind === 'mentioned' || kind === 'assigned'
    case 'all':
      return true
    case null:
      return kind === 'mentioned' || kind === 'assigned' || kind === 'new_ticket'
  }
}

function kindFor(act: Act, happening: Happening, { user_id, side, roles, notify }: Person): Kind | undefined {
  if (side === 'requester' && happening.visibility === 'internal') return undefined
  // A receipt is for the very one who caused it; of everything else he knows.
  if (happening.what === 'raised' && happening.requester_id === user_id && side === 'requester') return 'ticket_received'
  if (user_id === act.actor_id) return undefined
  switch (happening.what) {
    case 'raised':
      return side === 'staff' && notify === null && !happening.is_assigned ? 'new_ticket' : undefined
    case 'written':
      if (happening.author_id === user_id) return undefined
      // What a form sent for somebody is his own: he gets the receipt.
      if (happening.by !== 'staff' && isRaisedFor(act, user_id)) return undefined
      return happening.visibility === 'internal' ? 'note' : 'reply'
    case 'assigned':
      return side === 'staff' && happening.assignee_id === user_id ? 'assigned' : undefined
    case 'mentioned':
      return side === 'staff' && happening.user_id === user_id ? 'mentioned' : undefined
    case 'stepped':
      return kindOfStep(happening)
    case 'woken':
      return side === 'staff' && (roles.includes('assignee') || roles.includes('follower')) ? 'pending_reminder' : undefined
  }
}

function isRaisedFor({ happenings }: Act, user_id: string): boolean {
  return happenings.some((one) => one.what === 'raised' && one.requester_id === user_id)
}

function kindOfStep({ from, to }: { from: Category; to: Category }): Kind {
  const isDone = (category: Category): boolean => category === 'solved' || category === 'closed'
  if (to === 'solved') return 'solved'
  return isDone(from) && !isDone(to) ? 'reopened' : 'status_changed'
}

/** Whether only who sees the staff side of a ticket is told of this. */
export function isForStaff(kind: Kind): boolean {
  return usual.requester[kind] === undefined
}

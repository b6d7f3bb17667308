/** A request, or somebody who listens, whose statements are looked at: those that `about` fits. */
export interface Hot {
  name: string
  /** Who asks; nobody for what runs by itself. */
  by?: Person
  ask?: `${'GET' | 'POST' | 'PUT' | 'PATCH'} /${string}`
  /** The topic that he listens to, from the beginning of the log on. */
  hears?: string
  body?: (desk: Desk) => object
  /** What follows from the request in the background is looked at, too. */
  settles?: true
  /** The statements meant, of all that the request runs. */
  about: RegExp
  /** Why this one may read all of an index. */
  readsAll?: string
}
export type Person = 'agent' | 'admin' | 'requester' | 'manager'

/** What a request can name: in its path in capitals. */
export interface Desk {
  names: Readonly<Record<string, string>>
  /** Those of the first lifecycle. */
  statuses: readonly object[]
}

/** What grows with the years. Of all other tables (rules, lifecycles, fields, queues) a scan is right: their rows fill a page or two. */
export const LARGE = new Set([
  ...['tickets', 'messages', 'events', 'deliveries', 'ticket_tags', 'ticket_participants', 'idempotency_keys', 'timers'],
  ...['ticket_field_values', 'ticket_skills', 'ticket_preferences'],
  ...['drafts', 'read_marks', 'message_revisions', 'attachments', 'ticket_links', 'ticket_merges', 'merged_messages'],
  // As their statements call them.
  ...['d', 'earlier', 'place', 'asked', 'base', 'later', 'mark'],
])

const staffFilters = [
  'status_category=open',
  'status_category=new,open',
  'status_category=open&assignee_id=me',
  'assignee_id=none&status_category=new,open',
  'status_category=open&queue_id=QUEUE',
  'status_category=open&priority=urgent',
  'tag=vip',
  'tag=vip&status_category=open',
  'q=printer',
  // The categories in which it can be go with it.
  'status=open',
]
const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', '-priority', '-number']

function lists(by: Person): Hot[] {
  const isStaff = by === 'agent' || by === 'admin'
  const about = /\bfrom [`"]?tickets\b/
  const filters = isStaff ? staffFilters : ['status_category=open', 'status=open']
  return [
    ...sorts.map((sort): Hot => ({ name: `list by ${sort}`, by, ask: `GET /v1/tickets?sort=${sort}`, about })),
    ...filters.map((filter): Hot => ({ name: `list of ${filter}`, by, ask: `GET /v1/tickets?${filter}`, about })),
    ...(isStaff
      ? [
          {
            name: 'list of status_category=open by -updated_at',
            by,
            ask: 'GET /v1/tickets?status_category=open&sort=-updated_at' as const,
            about,
          },
        ]
      : []),
    ...filters.map(
      (filter): Hot => ({
        name: `count of ${filter}`,
        by,
        ask: `GET /v1/tickets?limit=1&include=total&${filter}`,
        about: /count\(\*\)/,
      }),
    ),
    {
      name: 'count of everything',
      by,
      ask: 'GET /v1/tickets?limit=1&include=total',
      about: /count\(\*\)/,
      ...(by === 'admin' ? { readsAll: 'an exact count of everything looks at every entry' } : {}),
    },
  ]
}

const COMMON = new Set(['a common choice', 'a wide range', 'no value'])

/** Custom fields: `severity` is high on fifty tickets, low on most others; half have an amount, a fifth a serial. */
function fieldLists(by: Person): Hot[] {
  const about = /\b(tickets|ticket_field_values)\b/
  const filters = {
    'a rare choice': 'fields[severity]=high',
    'a common choice': 'fields[severity]=low',
    'one text': 'fields[serial]=sn-100',
    'a narrow range': 'fields[amount][gte]=100&fields[amount][lt]=200',
    'a wide range': 'fields[amount][gte]=10',
    'no value': 'fields[amount]=none',
  }
  const found = Object.entries(filters)
  return [
    ...found.map(([what, filter]): Hot => ({ name: `list of ${what}`, by, ask: `GET /v1/tickets?${filter}`, about })),
    ...['fields[amount]', '-fields[serial]'].map(
      (sort): Hot => ({ name: `list by ${sort}`, by, ask: `GET /v1/tickets?sort=${sort}`, about }),
    ),
    {
      name: 'list of a rare choice by fields[amount]',
      by,
      ask: 'GET /v1/tickets?fields[severity]=high&sort=fields[amount]',
      about,
    },
    ...found.map(
      ([what, filter]): Hot => ({
        name: `count of ${what}`,
        by,
        ask: `GET /v1/tickets?limit=1&include=total&${filter}`,
        about: /count\(\*\) from tickets/,
        ...(by === 'admin' && COMMON.has(what) ? { readsAll: 'half of all tickets, of which each is counted' } : {}),
      }),
    ),
  ]
}

export const hot: Hot[] = [
  ...(['agent', 'admin', 'requester', 'manager'] as const).flatMap((by) => lists(by)),
  ...(['agent', 'admin', 'requester'] as const).flatMap((by) => fieldLists(by)),
  ...(['agent', 'admin'] as const).flatMap((by): Hot[] => [
    { name: 'numbers of queues', by, ask: 'GET /v1/queues/counts', about: /\btickets\b/ },
    { name: 'views with counts', by, ask: 'GET /v1/views?include=count', about: /count\(\*\)/ },
    { name: 'views', by, ask: 'GET /v1/views', about: /\bviews\b/ },
    {
      name: 'tags with counts',
      by,
      ask: 'GET /v1/tags',
      about: /\bticket_tags\b/,
      readsAll: 'the counts of a page of tags look at every ticket that has one of them',
    },
    { name: 'tags that begin so', by, ask: 'GET /v1/tags?q=vi', about: /\bticket_tags\b/ },
  ]),
  { name: 'tickets of a view', by: 'agent', ask: 'GET /v1/views/VIEW/tickets?include=total', about: /\btickets\b/ },
  ...(['agent', 'admin', 'requester', 'manager'] as const).map(
    (by): Hot => ({ name: 'drafts', by, ask: 'GET /v1/me/drafts', about: /\bdrafts\b/ }),
  ),
  ...(['agent', 'requester'] as const).flatMap((by): Hot[] => [
    {
      name: 'saving a draft',
      by,
      ask: 'PUT /v1/tickets/TICKET/draft',
      body: () => ({ body: 'Have you tried' }),
      // The write goes by the key: a server takes this index or that of tickets, as it likes.
      about: /^select.*\b(drafts|messages)\b/s,
    },
    { name: 'draft', by, ask: 'GET /v1/tickets/TICKET/draft', about: /\bdrafts\b/ },
    { name: 'ticket by id', by, ask: 'GET /v1/tickets/TICKET', about: /\btickets\b/ },
    { name: 'ticket by number', by, ask: 'GET /v1/tickets/NUMBER', about: /\btickets\b/ },
    { name: 'messages', by, ask: 'GET /v1/tickets/TICKET/messages', about: /\bmessages\b/ },
    { name: 'files of messages', by, ask: 'GET /v1/tickets/TICKET/messages', about: /from [`"]?attachments\b/ },
    {
      name: 'who takes part',
      by,
      ask: 'GET /v1/tickets/TICKET/participants',
      about: /\bticket_(participants|preferences)\b|\bfrom [`"]?users[`"]? where [`"]?id[`"]? in/,
    },
    { name: 'events behind a position', by, ask: 'GET /v1/events?after=5000', about: /from events/ },
    { name: 'events of a ticket', by, ask: 'GET /v1/tickets/TICKET/events', about: /from events/ },
  ]),
  ...(['agent', 'admin', 'requester'] as const).flatMap((by): Hot[] => [
    { name: 'unread in a ticket', by, ask: 'GET /v1/tickets/TICKET', about: /\bread_marks\b|count\(\*\)/ },
    { name: 'unread in a list', by, ask: 'GET /v1/tickets?limit=2&include=unread_count', about: /\bread_marks\b|count\(\*\)/ },
    {
      name: 'reading on',
      by,
      ask: 'PUT /v1/tickets/TICKET/read',
      body: () => ({}),
      about: /^select.*\b(read_marks|messages)\b/s,
    },
  ]),
  // Far behind, where only what is about the ticket is read.
  { name: 'the log of a ticket', by: 'agent', hears: 'ticket:TICKET', about: /^select \* from [`"]?events\b/ },
  { name: 'the log of everything', by: 'admin', hears: 'all', about: /^select \* from [`"]?events\b/ },
  { name: 'facts of what is told', by: 'agent', hears: 'ticket:TICKET', about: /\bticket_participants\b|from [`"]?tickets\b/ },
  ...(['agent', 'admin'] as const).map(
    (by): Hot => ({ name: 'links of a ticket', by, ask: 'GET /v1/tickets/TICKET/links', about: /\bticket_links\b/ }),
  ),
  { name: 'merges of a ticket', by: 'agent', ask: 'GET /v1/tickets/TICKET/merges', about: /\bticket_merges\b/ },
  { name: 'ticket by external id', by: 'agent', ask: 'GET /v1/tickets/ext:ORD-240', about: /\btickets\b/ },
  { name: 'idempotency key', by: 'agent', ask: 'POST /v1/tickets/TICKET/tags', about: /select.*\bidempotency_keys\b/s },
  // Small tables, read from end to end.
  { name: 'routing rules', by: 'agent', ask: 'GET /v1/tickets/TICKET/routing', about: /\brouting_rules\b/ },
  { name: 'lifecycles', by: 'agent', ask: 'GET /v1/statuses', about: /\blifecycles\b/ },
  // Who gets a ticket.
  { name: 'claim next', by: 'agent', ask: 'POST /v1/queues/QUEUE/claim', about: /\btickets\b/ },
  { name: 'claim next where all ask for a skill', by: 'agent', ask: 'POST /v1/queues/SKILLED/claim', about: /\btickets\b/ },
  { name: 'candidates, everybody', by: 'agent', ask: 'GET /v1/tickets/TICKET/eligibility', about: /\bqueue_agents\b/ },
  { name: 'agents with their loads', by: 'agent', ask: 'GET /v1/agents', about: /\btickets\b/ },
  {
    name: 'what a hand-over is about',
    by: 'admin',
    ask: 'POST /v1/agents/AGENT/handover',
    body: () => ({ to: 'queue', dry_run: true }),
    about: /\bassignee_id\b/,
  },
  {
    name: 'filling a queue: what waits, and who can',
    by: 'admin',
    ask: 'PATCH /v1/queues/PUSHED',
    body: () => ({ assignment: { mode: 'load_balanced' } }),
    settles: true,
    about: /^select.*\b(waiting_rank|queue_agents)\b/s,
  },
  // What runs by itself: a line for each table of things that become due.
  { name: 'due deliveries', about: /^select.*\bdeliveries\b/s },
  // A job is driven by a timer, which is found and claimed.
  {
    name: 'due timers',
    by: 'admin',
    ask: 'PATCH /v1/settings',
    body: () => ({ close_solved_after_days: 6 }),
    settles: true,
    about: /^select.*\btimers\b/s,
  },
  // What goes through many tickets, a batch at a time.
  {
    name: 'job: when solved tickets close',
    by: 'admin',
    ask: 'PATCH /v1/settings',
    body: () => ({ close_solved_after_days: 5 }),
    settles: true,
    about: /from [`"]?tickets[`"]? where [`"]?status_category/,
  },
  {
    name: 'job: a lifecycle for the tickets of a queue',
    by: 'admin',
    ask: 'PATCH /v1/queues/MOVED',
    body: ({ names }) => ({ lifecycle_id: names.LIFECYCLE }),
    settles: true,
    about: /from [`"]?tickets[`"]? where [`"]?status_category/,
  },
  {
    name: 'job: tickets out of a status',
    by: 'admin',
    ask: 'PATCH /v1/lifecycles/LIFECYCLE',
    body: ({ statuses }) => ({ statuses, replacements: { waiting: 'pending' } }),
    settles: true,
    about: /from [`"]?tickets[`"]? where [`"]?status_category/,
  },
  {
    name: 'job: places in a line',
    by: 'admin',
    ask: 'PATCH /v1/queues/QUEUE',
    body: () => ({ assignment: { order: 'age' } }),
    settles: true,
    about: /waiting_rank.*\bid\b.*order by|update.*waiting_rank/s,
  },
  {
    name: 'job: renaming a tag',
    by: 'admin',
    ask: 'PATCH /v1/tags/vip',
    body: () => ({ name: 'v.i.p.' }),
    settles: true,
    about: /\bticket_tags\b/,
  },
]

// Who owns which tables, who may use whose door, and which files are pure rules. Enforced by tools/floor-rules.ts and
// test/architecture.test.ts: a change of the plan is a change of this file.

/** What a module may do. */
export interface Plan {
  /** The tables that nobody else writes. */
  tables: readonly string[]
  /** The modules whose `index.ts` it may import. */
  mayUse: readonly string[]
  /** Files of pure rules beside `policy.ts`: data in, answer out, no database. */
  pure: readonly string[]
}

/** The product, ground floor first. */
export const modules: Readonly<Record<string, Plan>> = {
  mail: {
    tables: ['outbox_mails'],
    mayUse: [],
    pure: ['mail.ts'],
  },
  directory: {
    tables: ['users', 'organizations', 'teams', 'team_members'],
    mayUse: [],
    pure: [],
  },
  jobs: {
    tables: ['jobs'],
    mayUse: ['directory'],
    pure: [],
  },
  workflow: {
    tables: ['lifecycles'],
    mayUse: ['directory', 'jobs'],
    pure: ['lifecycle.ts'],
  },
  desk: {
    tables: ['queues', 'queue_teams', 'categories', 'category_queues', 'settings'],
    mayUse: ['directory', 'jobs', 'workflow'],
    pure: ['assignment.ts'],
  },
  fields: {
    tables: ['fields', 'ticket_types'],
    mayUse: ['directory', 'desk'],
    pure: ['field.ts', 'definition.ts'],
  },
  accounts: {
    tables: ['credentials', 'registrations', 'mail_tokens', 'sessions', 'signing_keys', 'api_keys'],
    mayUse: ['directory', 'desk', 'mail'],
    pure: [],
  },
  routing: {
    tables: ['routing_rules'],
    mayUse: ['directory', 'desk'],
    pure: ['routing.ts'],
  },
  attachments: {
    tables: ['attachments', 'files'],
    mayUse: ['directory'],
    pure: ['file-name.ts', 'content-type.ts', 'signatures.ts', 'disposition.ts'],
  },
  messages: {
    tables: ['messages', 'message_revisions'],
    mayUse: ['directory', 'attachments'],
    pure: ['text.ts', 'place.ts'],
  },
  tickets: {
    tables: ['tickets', 'ticket_numbers', 'ticket_tags', 'ticket_field_values', 'ticket_participants', 'ticket_preferences'],
    mayUse: ['directory', 'desk', 'fields', 'workflow', 'jobs', 'routing', 'messages', 'attachments'],
    pure: ['ticket.ts', 'steps.ts', 'participant.ts'],
  },
  links: {
    tables: ['ticket_links'],
    mayUse: ['tickets', 'desk'],
    pure: ['link.ts'],
  },
  conversation: {
    tables: ['drafts'],
    mayUse: ['tickets', 'messages', 'attachments', 'links', 'directory', 'desk', 'mail'],
    pure: ['draft.ts', 'mentions.ts'],
  },
  merging: {
    tables: ['ticket_merges', 'merged_messages'],
    mayUse: ['tickets', 'messages', 'links', 'directory'],
    pure: ['merge.ts'],
  },
  tags: {
    tables: [],
    mayUse: ['tickets', 'routing', 'desk', 'jobs'],
    pure: [],
  },
  macros: {
    tables: ['macros'],
    mayUse: ['directory', 'desk', 'workflow', 'fields', 'attachments', 'messages', 'tickets', 'conversation', 'tags'],
    pure: ['macro.ts', 'locale.ts', 'template.ts', 'placeholders.ts'],
  },
  views: {
    tables: ['views'],
    mayUse: ['tickets', 'tags', 'directory', 'desk'],
    pure: ['filters.ts'],
  },
  assignment: {
    tables: ['agents', 'agent_skills', 'ticket_skills', 'queue_assignments', 'queue_agents'],
    mayUse: ['directory', 'desk', 'tickets', 'jobs'],
    pure: ['eligibility.ts'],
  },
  history: {
    tables: [],
    mayUse: [
      'tickets',
      'messages',
      'attachments',
      'routing',
      'accounts',
      'directory',
      'desk',
      'fields',
      'workflow',
      'jobs',
      'assignment',
    ],
    pure: [],
  },
}

/** The tables that only `src/platform` writes. */
export const platformTables: readonly string[] = [
  'events',
  'event_queue',
  'log_head',
  'deliveries',
  'idempotency_keys',
  'timers',
  'schema_steps',
  'schema_lock',
]

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
    tables: ['outbox_mails', 'mail_keys', 'mail_references'],
    mayUse: [],
    pure: ['mail.ts', 'reply-address.ts', 'message-id.ts', 'smtp-answer.ts', 'mending.ts'],
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
    tables: ['credentials', 'registrations', 'mail_tokens', 'sessions', 'signing_keys', 'api_keys', 'realtime_tokens'],
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
    mayUse: ['mail', 'directory', 'desk', 'fields', 'workflow', 'jobs', 'routing', 'messages', 'attachments'],
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
    pure: ['macro.ts', 'locale.ts', 'placeholders.ts'],
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
      'mailboxes',
    ],
    pure: [],
  },
  reading: {
    tables: ['read_marks'],
    mayUse: ['directory', 'messages', 'tickets'],
    pure: ['mark.ts'],
  },
  presence: {
    tables: [],
    mayUse: ['tickets'],
    pure: ['lease.ts'],
  },
  realtime: {
    tables: [],
    mayUse: ['accounts', 'conversation', 'desk', 'directory', 'history', 'messages', 'presence', 'reading', 'tickets', 'views'],
    pure: ['topic.ts'],
  },
  mailboxes: {
    tables: ['mailboxes', 'mailbox_cursors', 'sending_domains'],
    mayUse: ['directory', 'desk', 'mail'],
    pure: ['address.ts', 'sending-domain.ts'],
  },
  sending: {
    tables: ['outbound_mails', 'suppressions'],
    mayUse: ['mail', 'mailboxes', 'directory', 'desk', 'messages', 'tickets'],
    pure: ['backoff.ts', 'bounce.ts'],
  },
  notifications: {
    tables: ['notification_preferences', 'digest_items', 'mail_templates'],
    mayUse: [
      'accounts',
      'mail',
      'mailboxes',
      'sending',
      'directory',
      'desk',
      'workflow',
      'messages',
      'tickets',
      'conversation',
      'merging',
    ],
    pure: ['placeholders.ts', 'quiet-hours.ts', 'choices.ts', 'wordings.ts', 'layout.ts', 'templates.ts'],
  },
  inbound: {
    tables: ['inbound_mails'],
    mayUse: [
      'mail',
      'mailboxes',
      'sending',
      'notifications',
      'directory',
      'desk',
      'messages',
      'attachments',
      'tickets',
      'links',
      'conversation',
      'accounts',
    ],
    pure: [
      'classification.ts',
      'bounces.ts',
      'sender.ts',
      'contents.ts',
      'quotes.ts',
      'fingerprint.ts',
      'explain.ts',
      'state.ts',
      'authentication-results.ts',
      'deciding.ts',
      'bounces.ts',
      'sender.ts',
      'contents.ts',
    ],
  },
  receiving: {
    tables: [],
    mayUse: ['mailboxes', 'inbound'],
    pure: ['trace.ts', 'imap-trouble.ts'],
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
  'traces',
  'schema_steps',
  'schema_lock',
]

import { connectionOf } from '../platform/database/connection.ts'
import { insertIfAbsent } from '../platform/database/dialect.ts'
import { createTable, type Migration, type Step, seed } from '../platform/database/migrate.ts'
import type { Schema } from '../platform/database/schema.ts'
import { createSearchIndex } from '../platform/database/search.ts'
import { newId } from '../platform/ids.ts'

const stamps = { created_at: 'time', updated_at: 'time', version: 'int' } as const
const imported = { external_id: 'key?', metadata: 'text' } as const

const spine: Step[] = [
  createTable('log_head', { columns: { id: 'int', position: 'int' }, primary: ['id'] }),
  createTable('events', {
    columns: {
      id: 'id',
      position: 'int?',
      type: 'id',
      subject_type: 'id',
      subject_id: 'id',
      subject_version: 'int',
      subject_public_version: 'int?',
      ticket_id: 'id?',
      ticket_seq: 'int?',
      visibility: 'id',
      actor_type: 'id',
      actor_id: 'id',
      data: 'text',
      previous: 'text?',
      request_id: 'id?',
      occurred_at: 'time',
    },
    primary: ['id'],
    unique: { position: ['position'] },
    indexes: { ticket: ['ticket_id', 'position'] },
  }),
  createTable('event_queue', { columns: { event_id: 'id' }, primary: ['event_id'] }),
  createTable('deliveries', {
    columns: {
      id: 'id',
      event_id: 'id',
      reaction: 'id',
      state: 'id',
      due_at: 'time',
      attempts: 'int',
      lease_token: 'id?',
      order_key: 'id?',
      order_seq: 'int?',
      last_error: 'line?',
      created_at: 'time',
      finished_at: 'time?',
    },
    primary: ['id'],
    indexes: {
      due: ['state', 'due_at'],
      lease: ['lease_token'],
      ordered: ['order_key', 'reaction', 'order_seq'],
      event: ['event_id'],
    },
  }),
  createTable('idempotency_keys', {
    columns: {
      principal_id: 'id',
      idempotency_key: 'key',
      fingerprint: 'id',
      status: 'int',
      headers: 'text',
      body: 'text',
      subject_id: 'id?',
      subject_view: 'id?',
      created_at: 'time',
    },
    primary: ['principal_id', 'idempotency_key'],
    indexes: { age: ['created_at'], subject: ['subject_id'] },
  }),
]

const accounts: Step[] = [
  createTable('credentials', { columns: { user_id: 'id', password_hash: 'line', updated_at: 'time' }, primary: ['user_id'] }),
  createTable('registrations', {
    columns: {
      id: 'id',
      email: 'name',
      email_key: 'key',
      name: 'name',
      password_hash: 'line',
      created_at: 'time',
      expires_at: 'time',
      used_at: 'time?',
    },
    primary: ['id'],
    indexes: { email: ['email_key'], expiry: ['expires_at'] },
  }),
  createTable('mail_tokens', {
    columns: {
      id: 'id',
      purpose: 'id',
      user_id: 'id?',
      email: 'name?',
      email_key: 'key?',
      created_at: 'time',
      expires_at: 'time',
      used_at: 'time?',
    },
    primary: ['id'],
    indexes: { user: ['user_id', 'purpose'], expiry: ['expires_at'] },
  }),
  createTable('sessions', {
    columns: {
      id: 'id',
      user_id: 'id',
      generation: 'int',
      rotated_at: 'time',
      created_at: 'time',
      last_used_at: 'time',
      expires_at: 'time',
      ended_at: 'time?',
      ended_reason: 'id?',
      client_address: 'key?',
      user_agent: 'name?',
    },
    primary: ['id'],
    indexes: { user: ['user_id', 'created_at'], expiry: ['expires_at'] },
  }),
  createTable('signing_keys', {
    columns: { kid: 'id', public_jwk: 'text', private_wrapped: 'text', created_at: 'time', retired_at: 'time?' },
    primary: ['kid'],
  }),
  createTable('api_keys', {
    columns: {
      id: 'id',
      name: 'name',
      role: 'id',
      scopes: 'text',
      secret_hash: 'id',
      hint: 'id',
      created_by: 'id',
      expires_at: 'time?',
      last_used_at: 'time?',
      revoked_at: 'time?',
      ...stamps,
    },
    primary: ['id'],
    unique: { secret: ['secret_hash'] },
    indexes: { created: ['created_at', 'id'] },
  }),
]

const directory: Step[] = [
  createTable('users', {
    columns: {
      id: 'id',
      role: 'id',
      name: 'name',
      email: 'name',
      email_key: 'key',
      email_verified_at: 'time?',
      organization_id: 'id?',
      organization_role: 'id?',
      active: 'bool',
      ...imported,
      ...stamps,
      public_version: 'int',
      public_updated_at: 'time',
    },
    primary: ['id'],
    unique: { email: ['email_key'], external: ['external_id'] },
    indexes: {
      created: ['created_at', 'id'],
      organization: ['organization_id', 'created_at', 'id'],
      role: ['role', 'created_at', 'id'],
    },
  }),
  createTable('organizations', {
    columns: { id: 'id', name: 'name', ...imported, ...stamps },
    primary: ['id'],
    unique: { external: ['external_id'] },
    indexes: { created: ['created_at', 'id'] },
  }),
  createTable('teams', {
    columns: { id: 'id', name: 'name', ...stamps },
    primary: ['id'],
    indexes: { created: ['created_at', 'id'] },
  }),
  createTable('team_members', {
    columns: { team_id: 'id', user_id: 'id', created_at: 'time' },
    primary: ['team_id', 'user_id'],
    indexes: { user: ['user_id', 'team_id'] },
  }),
]

const desk: Step[] = [
  createTable('queues', {
    columns: { id: 'id', key: 'id', name: 'name', public: 'bool', archived_at: 'time?', ...imported, ...stamps },
    primary: ['id'],
    unique: { key: ['key'], external: ['external_id'] },
    indexes: { created: ['created_at', 'id'] },
  }),
  createTable('queue_teams', {
    columns: { queue_id: 'id', team_id: 'id' },
    primary: ['queue_id', 'team_id'],
    indexes: { team: ['team_id', 'queue_id'] },
  }),
  createTable('categories', {
    columns: { id: 'id', name: 'name', parent_id: 'id?', archived_at: 'time?', ...imported, ...stamps },
    primary: ['id'],
    unique: { external: ['external_id'] },
    indexes: { parent: ['parent_id'], created: ['created_at', 'id'] },
  }),
  createTable('settings', {
    columns: {
      id: 'int',
      registration: 'id',
      default_queue_id: 'id',
      message_edit_seconds: 'int',
      close_solved_after_days: 'int',
      ...stamps,
    },
    primary: ['id'],
  }),
]

const tickets: Step[] = [
  {
    name: 'table ticket_numbers',
    run: async (db) => {
      const connection = connectionOf(db)
      if (connection.engine === 'mysql')
        // Numbers are taken without waiting for anybody's commit; the rows themselves mean nothing.
        await connection.query(
          'create table if not exists ticket_numbers (number bigint not null auto_increment primary key) engine = innodb auto_increment = 1001',
          [],
        )
      else {
        await connection.query('create table if not exists ticket_numbers (number integer not null) strict', [])
        await connection.query(
          'insert into ticket_numbers (number) select 1000 where not exists (select 1 from ticket_numbers)',
          [],
        )
      }
    },
  },
  createTable('tickets', {
    columns: {
      id: 'id',
      number: 'int',
      subject: 'name',
      status: 'id',
      status_category: 'id',
      priority: 'int',
      waiting_rank: 'int?',
      queue_id: 'id',
      category_id: 'id?',
      requester_id: 'id',
      organization_id: 'id?',
      assignee_id: 'id?',
      tags: 'text',
      channel: 'id',
      ...imported,
      follow_up_of_id: 'id?',
      pending_until: 'time?',
      first_response_at: 'time?',
      solved_at: 'time?',
      closed_at: 'time?',
      last_message_at: 'time?',
      public_last_message_at: 'time?',
      message_count: 'int',
      public_message_count: 'int',
      last_seq: 'int',
      version: 'int',
      public_version: 'int',
      created_at: 'time',
      updated_at: 'time',
      public_updated_at: 'time',
      deleted_at: 'time?',
    },
    primary: ['id'],
    unique: { number: ['number'], external: ['external_id'] },
    indexes: {
      created: ['created_at', 'id'],
      updated: ['updated_at', 'id'],
      priority: ['priority', 'id'],
      requester_created: ['requester_id', 'created_at', 'id'],
      requester_updated: ['requester_id', 'public_updated_at', 'id'],
      organization_created: ['organization_id', 'created_at', 'id'],
      organization_updated: ['organization_id', 'public_updated_at', 'id'],
      assignee_created: ['assignee_id', 'created_at', 'id'],
      assignee_updated: ['assignee_id', 'updated_at', 'id'],
      queue_created: ['queue_id', 'status_category', 'created_at', 'id'],
      queue_waiting: ['queue_id', 'waiting_rank', 'created_at', 'id'],
      category_created: ['category_id', 'created_at', 'id'],
      status_created: ['status_category', 'created_at', 'id'],
      status_updated: ['status_category', 'updated_at', 'id'],
      follow_up: ['follow_up_of_id'],
    },
  }),
  createTable('ticket_tags', {
    columns: { ticket_id: 'id', tag: 'key' },
    primary: ['ticket_id', 'tag'],
    indexes: { tag: ['tag', 'ticket_id'] },
  }),
  createTable('ticket_participants', {
    columns: { ticket_id: 'id', user_id: 'id', role: 'id', created_at: 'time' },
    primary: ['ticket_id', 'user_id', 'role'],
    indexes: { user: ['user_id', 'ticket_id'] },
  }),
  createTable('messages', {
    columns: {
      id: 'id',
      ticket_id: 'id',
      addressed_ticket_id: 'id',
      seq: 'int',
      author_type: 'id',
      author_id: 'id',
      visibility: 'id',
      body: 'text',
      body_html: 'text',
      channel: 'id',
      client_id: 'key?',
      edited_at: 'time?',
      retracted_at: 'time?',
      ...stamps,
    },
    primary: ['id'],
    unique: { conversation: ['ticket_id', 'seq'], client: ['author_id', 'addressed_ticket_id', 'client_id'] },
  }),
  createTable('message_revisions', {
    columns: {
      id: 'id',
      message_id: 'id',
      version: 'int',
      body: 'text',
      replaced_by_type: 'id',
      replaced_by_id: 'id',
      replaced_at: 'time',
    },
    primary: ['id'],
    unique: { version: ['message_id', 'version'] },
  }),
  createSearchIndex('ticket_search'),
]

const mail: Step[] = [
  createTable('outbox_mails', {
    columns: { id: 'id', to_address: 'name', subject: 'line', text: 'text', html: 'text?', created_at: 'time' },
    primary: ['id'],
    indexes: { created: ['created_at', 'id'] },
  }),
]

const seeds: Step[] = [
  seed('log head', async (db) => {
    // Columns that later migrations add are not there yet, or fill themselves.
    await insertIfAbsent(db, 'log_head', { id: 1, position: 0 } as Schema['log_head'])
  }),
  seed('default queue and settings', async (db) => {
    const now = Date.now()
    const stamped = { created_at: now, updated_at: now, version: 1 }
    const id = newId('que')
    const queue = {
      id,
      key: 'general',
      name: 'General',
      public: 1,
      external_id: null,
      metadata: '{}',
      archived_at: null,
      ...stamped,
    }
    // As above.
    if (!(await insertIfAbsent(db, 'queues', queue as Schema['queues']))) return
    const settings = {
      id: 1,
      registration: 'open' as const,
      default_queue_id: id,
      message_edit_seconds: 900,
      close_solved_after_days: 7,
      ...stamped,
    }
    await insertIfAbsent(db, 'settings', settings as Schema['settings'])
  }),
]

/** The house: the spine, accounts, the directory, the desk, tickets, and mail as far as accounts need it. */
export const house: Migration = {
  name: '0001-house',
  steps: [...spine, ...accounts, ...directory, ...desk, ...tickets, ...mail, ...seeds],
}

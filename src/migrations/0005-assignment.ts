import { addColumns, addIndexes, createTable, type Migration } from '../platform/database/migrate.ts'

/** Who works on what: queue policies, agents, skills, and the books of automatic assignment. */
export const assignment: Migration = {
  name: '0005-assignment',
  steps: [
    addColumns('queues', {
      columns: {
        assignment_mode: 'id',
        assignment_order: 'id',
        claim_ttl_seconds: 'int?',
        fallback: 'id',
        fallback_queue_id: 'id?',
        reassign_on_away: 'bool',
        skill_relax_seconds: 'int?',
      },
      fill: { assignment_mode: 'manual', assignment_order: 'due', fallback: 'none', reassign_on_away: 0 },
    }),
    addIndexes('queues', { fallback_queue: ['fallback_queue_id'], assignment_mode: ['assignment_mode', 'id'] }),
    // Without a due time the order by due time is that by priority: the ranks that are there stay right.
    addColumns('tickets', { columns: { due_at: 'time?' } }),
    addIndexes('tickets', { assignee_load: ['assignee_id', 'status_category', 'deleted_at', 'created_at', 'id'] }),
    createTable('agents', {
      columns: {
        user_id: 'id',
        availability: 'id',
        availability_changed_at: 'time?',
        capacity: 'int?',
        updated_at: 'time',
        version: 'int',
      },
      primary: ['user_id'],
    }),
    createTable('agent_skills', { columns: { user_id: 'id', skill: 'key' }, primary: ['user_id', 'skill'] }),
    createTable('ticket_skills', {
      columns: { ticket_id: 'id', skill: 'key', relax_at: 'time?' },
      primary: ['ticket_id', 'skill'],
    }),
    createTable('queue_assignments', { columns: { queue_id: 'id', last_seq: 'int' }, primary: ['queue_id'] }),
    createTable('queue_agents', {
      columns: { queue_id: 'id', user_id: 'id', last_assigned_seq: 'int' },
      primary: ['queue_id', 'user_id'],
    }),
  ],
}

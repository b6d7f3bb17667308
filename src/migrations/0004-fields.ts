import { addColumns, addIndexes, createTable, type Migration } from '../platform/database/migrate.ts'

const stamps = { created_at: 'time', updated_at: 'time', version: 'int' } as const

/** Ticket types, custom fields with their values on tickets, and the queues of categories. */
export const fields: Migration = {
  name: '0004-fields',
  steps: [
    createTable('ticket_types', {
      columns: { id: 'id', name: 'name', name_key: 'key', archived_at: 'time?', ...stamps },
      primary: ['id'],
      unique: { name: ['name_key'] },
      indexes: { created: ['created_at', 'id'] },
    }),
    createTable('fields', {
      columns: {
        id: 'id',
        key: 'id',
        label: 'name',
        requester_label: 'name?',
        type: 'id',
        options: 'text',
        default_value: 'text?',
        required: 'id',
        requester_access: 'id',
        type_ids: 'text',
        max_length: 'int?',
        minimum: 'real?',
        maximum: 'real?',
        position: 'int',
        archived_at: 'time?',
        ...stamps,
      },
      primary: ['id'],
      unique: { key: ['key'] },
      indexes: { created: ['created_at', 'id'] },
    }),
    addColumns('tickets', { columns: { type_id: 'id?', fields: 'text' }, fill: { fields: '{}' } }),
    addIndexes('tickets', { type_created: ['type_id', 'created_at', 'id'] }),
    createTable('ticket_field_values', {
      columns: { ticket_id: 'id', field_id: 'id', item: 'int', text_value: 'key?', number_value: 'real?' },
      primary: ['ticket_id', 'field_id', 'item'],
      indexes: { text: ['field_id', 'text_value', 'ticket_id'], number: ['field_id', 'number_value', 'ticket_id'] },
    }),
    createTable('category_queues', {
      columns: { category_id: 'id', queue_id: 'id' },
      primary: ['category_id', 'queue_id'],
      indexes: { queue: ['queue_id', 'category_id'] },
    }),
  ],
}

import { countUpTo, type GaugeDefinition } from '../../platform/metrics/gauge.ts'

// More queues than that are not told one by one.
const QUEUES_MAX = 200
const OPEN = ['new', 'open', 'pending', 'on_hold'] as const

/** What lies in the queues. Each figure is a short walk in an index, and ends at the limit. */
export const ticketGauges: readonly GaugeDefinition[] = [
  {
    name: 'beckon_tickets',
    help: 'Tickets that are not solved, by queue and category of their status; counted up to 10,000.',
    labels: ['queue', 'status_category'],
    read: async (db) => {
      const queues = await db
        .selectFrom('queues')
        .select(['id', 'key'])
        .where('archived_at', 'is', null)
        .orderBy('id')
        .limit(QUEUES_MAX)
        .execute()
      const values = []
      for (const { id, key } of queues)
        for (const status_category of OPEN) {
          const found = db.selectFrom('tickets').select('id').where('queue_id', '=', id)
          const open = found.where('status_category', '=', status_category).where('deleted_at', 'is', null)
          values.push({ labels: { queue: key, status_category }, value: await countUpTo(db, open) })
        }
      return values
    },
  },
]

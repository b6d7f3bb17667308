import { countUpTo, type GaugeDefinition } from './gauge.ts'

/** The log of events, what is owed after them, and timers. */
export const logGauges: readonly GaugeDefinition[] = [
  {
    name: 'beckon_events_position',
    help: 'The last position of the log.',
    labels: [],
    read: async (db) => {
      const head = await db.selectFrom('log_head').select('position').where('id', '=', 1).executeTakeFirst()
      return [{ labels: {}, value: Number(head?.position ?? 0) }]
    },
  },
  {
    name: 'beckon_events_waiting',
    help: 'Events that were committed and have no position yet (MySQL and MariaDB).',
    labels: [],
    read: async (db) => [{ labels: {}, value: await countUpTo(db, db.selectFrom('event_queue').select('event_id')) }],
  },
  {
    name: 'beckon_events_lag_seconds',
    help: 'How long the first event that has no position has waited for it.',
    labels: [],
    read: async (db, now) => {
      const first = await db
        .selectFrom('event_queue')
        .innerJoin('events', 'events.id', 'event_queue.event_id')
        .select('events.occurred_at')
        .orderBy('event_queue.event_id')
        .limit(1)
        .executeTakeFirst()
      return [{ labels: {}, value: first ? Math.max(0, now - first.occurred_at) / 1000 : 0 }]
    },
  },
  {
    name: 'beckon_deliveries',
    help: 'Deliveries that are owed or have failed for good, by state; counted up to 10,000.',
    labels: ['state'],
    read: async (db) => {
      const values = []
      for (const state of ['due', 'leased', 'dead'] as const)
        values.push({
          labels: { state },
          value: await countUpTo(db, db.selectFrom('deliveries').select('id').where('state', '=', state)),
        })
      return values
    },
  },
  {
    name: 'beckon_deliveries_age_seconds',
    help: 'How long the delivery that is due for the longest time has been due.',
    labels: [],
    read: async (db, now) => {
      const first = await db
        .selectFrom('deliveries')
        .select('due_at')
        .where('state', '=', 'due')
        .orderBy('due_at')
        .limit(1)
        .executeTakeFirst()
      return [{ labels: {}, value: first ? Math.max(0, now - first.due_at) / 1000 : 0 }]
    },
  },
  {
    name: 'beckon_timers_late_seconds',
    help: 'How long the timer that is due for the longest time has been due.',
    labels: [],
    read: async (db, now) => {
      const first = await db
        .selectFrom('timers')
        .select('claim_at')
        .where('state', '=', 'due')
        .orderBy('claim_at')
        .limit(1)
        .executeTakeFirst()
      return [{ labels: {}, value: first ? Math.max(0, now - first.claim_at) / 1000 : 0 }]
    },
  },
  {
    name: 'beckon_timers_failed',
    help: 'Timers that failed for good; counted up to 10,000.',
    labels: [],
    read: async (db) => [
      { labels: {}, value: await countUpTo(db, db.selectFrom('timers').select('id').where('state', '=', 'dead')) },
    ],
  },
]

import { countUpTo, type GaugeDefinition } from '../../platform/metrics/gauge.ts'

/** Mail on its way out. */
export const sendingGauges: readonly GaugeDefinition[] = [
  {
    name: 'beckon_outbound_mails',
    help: 'Mails that are on their way out or were given up, by state; counted up to 10,000.',
    labels: ['state'],
    read: async (db) => {
      const values = []
      for (const state of ['queued', 'sending', 'deferred', 'failed'] as const)
        values.push({
          labels: { state },
          value: await countUpTo(db, db.selectFrom('outbound_mails').select('id').where('state', '=', state)),
        })
      return values
    },
  },
  {
    name: 'beckon_outbound_mails_age_seconds',
    help: 'How long the mail that is due for the longest time has been due.',
    labels: [],
    read: async (db, now) => {
      const first = await db
        .selectFrom('outbound_mails')
        .select('due_at')
        .where('state', '=', 'queued')
        .orderBy('due_at')
        .limit(1)
        .executeTakeFirst()
      return [{ labels: {}, value: first ? Math.max(0, now - first.due_at) / 1000 : 0 }]
    },
  },
]

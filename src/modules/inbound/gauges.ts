import { countUpTo, type GaugeDefinition } from '../../platform/metrics/gauge.ts'

/** Mail that came in and wants something: to be worked on, or to be looked at. */
export const inboundGauges: readonly GaugeDefinition[] = [
  {
    name: 'beckon_inbound_mails',
    help: 'Mails that came in and are not at their end, or that somebody should look at, by state; counted up to 10,000.',
    labels: ['state'],
    read: async (db) => {
      const values = []
      for (const state of ['received', 'parsed', 'routed', 'quarantined', 'failed'] as const)
        values.push({
          labels: { state },
          value: await countUpTo(db, db.selectFrom('inbound_mails').select('id').where('state', '=', state)),
        })
      return values
    },
  },
]

import type { Command } from 'commander'
import { Option } from 'commander'
import { toTime } from '../platform/codecs.ts'
import type { DeliveryRow } from '../platform/tables.ts'
import { configOf, firstLine, print, readLimit, table, takeSettings, typedOf } from './command.ts'

const states: DeliveryRow['state'][] = ['dead', 'due', 'leased', 'done']

/** `beckon deliveries list` */
export function deliveriesList(command: Command): void {
  takeSettings(command)
    .description('Show what is owed: which events wait for which reaction, and why.')
    .addOption(new Option('--state <state>', 'In which state.').choices(states).default('dead'))
    .option('--limit <number>', 'How many at most, the oldest first.', readLimit, 50)
    .action(async ({ state, limit }: { state: DeliveryRow['state']; limit: number }) => {
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const rows = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        const { listDeliveries } = await import('../platform/deliver.ts')
        return listDeliveries(database.reader, { state, limit })
      })
      const data = rows.map((row) => ({
        id: row.id,
        event_id: row.event_id,
        reaction: row.reaction,
        state: row.state,
        attempts: row.attempts,
        due_at: toTime(row.due_at),
        created_at: toTime(row.created_at),
        last_error: row.last_error,
      }))
      const cells = data.map((row) => [row.id, row.reaction, String(row.attempts), row.due_at, firstLine(row.last_error)])
      const lines = data.length === 0 ? [`None is ${state}.`] : table(['id', 'reaction', 'tries', 'due', 'last error'], cells)
      print(typedOf(command).format, { data }, lines)
    })
}

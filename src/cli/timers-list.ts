import type { Command } from 'commander'
import { Option } from 'commander'
import { toTime } from '../platform/codecs.ts'
import type { TimerRow } from '../platform/tables.ts'
import { configOf, firstLine, print, readLimit, table, takeSettings, typedOf } from './command.ts'

const states: TimerRow['state'][] = ['dead', 'due', 'leased']

/** `beckon timers list` */
export function timersList(command: Command): void {
  takeSettings(command)
    .description('Show what waits for its time: which kind, for what, and until when.')
    .addOption(new Option('--state <state>', 'In which state.').choices(states).default('dead'))
    .option('--limit <number>', 'How many at most, the oldest first.', readLimit, 50)
    .action(async ({ state, limit }: { state: TimerRow['state']; limit: number }) => {
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const rows = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        const { listTimers } = await import('../platform/timers.ts')
        return listTimers(database.reader, { state, limit })
      })
      const data = rows.map((row) => ({
        id: row.id,
        kind: row.kind,
        subject_id: row.subject_id,
        state: row.state,
        attempts: row.attempts,
        due_at: toTime(row.due_at),
        next_try_at: row.state === 'dead' ? null : toTime(row.claim_at),
        created_at: toTime(row.created_at),
        last_error: row.last_error,
      }))
      const cells = data.map((row) => [
        row.id,
        row.kind,
        row.subject_id,
        String(row.attempts),
        row.due_at,
        firstLine(row.last_error),
      ])
      const lines =
        data.length === 0 ? [`None is ${state}.`] : table(['id', 'kind', 'subject', 'tries', 'due', 'last error'], cells)
      print(typedOf(command).format, { data }, lines)
    })
}

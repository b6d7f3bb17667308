import type { Command } from 'commander'
import { describeConfig } from '../config.ts'
import { print, table, takeSettings, typedOf } from './command.ts'

/** `beckon config show` */
export function configShow(command: Command): void {
  takeSettings(command)
    .description('Show every setting that is in force and where it comes from, secrets masked.')
    .action(() => {
      const { format, sources } = typedOf(command)
      const settings = describeConfig(sources)
      const rows = settings.map(({ name, value, source }) => [name, value, source])
      print(format, { settings }, table(['setting', 'value', 'source'], rows))
    })
}

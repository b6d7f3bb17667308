import { type Command, InvalidArgumentError } from 'commander'
import { type Config, type ConfigSources, loadConfig, settingFlags } from '../config.ts'

/** How results are printed. */
type Format = 'text' | 'json'

/** What was typed, as far as every command knows it. */
interface Typed {
  format: Format
  /** Where settings are looked up, the flags of this command line first. */
  sources: ConfigSources
}

/** Lets a command take every setting that has a flag; shown in the help of `serve` only, which explains them all. */
export function takeSettings(command: Command, { areShown = false }: { areShown?: boolean } = {}): Command {
  for (const { flag, about } of settingFlags()) {
    const option = command.createOption(`${flag} <value>`, about).hideHelp(!areShown)
    option.helpGroup('Settings (docs/configuration.md has those that are secret, too):')
    command.addOption(option)
  }
  return areShown ? command : command.addHelpText('after', '\nEvery setting has a flag here, too: see `beckon serve --help`.')
}

/** Reads what commander found. */
export function typedOf(command: Command): Typed {
  const options = command.optsWithGlobals<Record<string, string>>()
  const flags = Object.fromEntries(settingFlags().map(({ key }) => [key, options[key]]))
  return { format: options.output === 'json' ? 'json' : 'text', sources: { env: process.env, flags } }
}

/** The settings of a command. Throws `ConfigError`. */
export function configOf(command: Command): Config {
  return loadConfig(typedOf(command).sources)
}

/** Prints a result: JSON for programs, lines for people. */
export function print(format: Format, result: unknown, lines: readonly string[]): void {
  const text = format === 'json' ? JSON.stringify(result, null, 2) : lines.join('\n')
  if (text !== '') process.stdout.write(`${text}\n`)
}

/** Rows as columns of equal width, the names of the columns first. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)))
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** How many a command lists at most. */
export function readLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) throw new InvalidArgumentError('Give a number from 1 to 10000.')
  return limit
}

/** The start of a text that may be long, for a cell of a table. */
export function firstLine(text: string | null): string {
  return (text ?? '').split('\n', 1)[0]?.slice(0, 100) ?? ''
}

import { Command, CommanderError, Option } from 'commander'
import { ConfigError } from '../config.ts'
import { Problem } from '../platform/problems.ts'
import { version } from '../version.ts'
import { adminCreate } from './admin-create.ts'
import { configShow } from './config-show.ts'
import { dbMigrate } from './db-migrate.ts'
import { dbStatus } from './db-status.ts'
import { deliveriesList } from './deliveries-list.ts'
import { deliveriesRetry } from './deliveries-retry.ts'
import { demo } from './demo.ts'
import { CommandFailed, type ExitCode, exitCodes, exitCodeWords } from './exit.ts'
import { health } from './health.ts'
import { inboundList } from './inbound-list.ts'
import { inboundReplay } from './inbound-replay.ts'
import { inboundShow } from './inbound-show.ts'
import { keyRotate } from './key-rotate.ts'
import { mailRotateKey } from './mail-rotate-key.ts'
import { mailTest } from './mail-test.ts'
import { mailboxCheck } from './mailbox-check.ts'
import { mailboxList } from './mailbox-list.ts'
import { outboundCancel } from './outbound-cancel.ts'
import { outboundList } from './outbound-list.ts'
import { outboundRetry } from './outbound-retry.ts'
import { serve } from './serve.ts'
import { tail } from './tail.ts'
import { timersList } from './timers-list.ts'
import { timersRetry } from './timers-retry.ts'
import { versionShow } from './version-show.ts'

/**
 * The whole command line: every command and what it takes. A command imports the house when it runs: the health check of a
 * container starts every few seconds, and needs none of it.
 */
function createProgram(): Command {
  const program = new Command('beckon')
    .description('A help desk without a face.')
    .version(version, '-V, --version', 'Say which version this is.')
    .helpOption('-h, --help', 'Say what a command does and takes.')
    .addOption(new Option('-o, --output <format>', 'How results are printed.').choices(['text', 'json']).default('text'))
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .showHelpAfterError('(`beckon --help` lists the commands, `beckon COMMAND --help` what one takes)')
  const codes = Object.entries(exitCodeWords).map(([code, words]) => `  ${code}  ${words}`)
  program.addHelpText('afterAll', `\nExit codes:\n${codes.join('\n')}`)

  serve(program.command('serve'))
  const db = program.command('db').description('The schema of the database.')
  dbMigrate(db.command('migrate'))
  dbStatus(db.command('status'))
  const admin = program.command('admin').description('Those who may do everything.')
  adminCreate(admin.command('create'))
  const key = program.command('key').description('The keys that sign access tokens.')
  keyRotate(key.command('rotate'))
  const deliveries = program.command('deliveries').description('What is owed after events: mails, and other reactions.')
  deliveriesList(deliveries.command('list'))
  deliveriesRetry(deliveries.command('retry'))
  const timers = program.command('timers').description('What happens at a set time: a ticket that wakes, the next step of a job.')
  timersList(timers.command('list'))
  timersRetry(timers.command('retry'))
  const mailbox = program.command('mailbox').description('Support addresses, and how their mail comes in.')
  mailboxList(mailbox.command('list'))
  mailboxCheck(mailbox.command('check'))
  const mail = program.command('mail').description('How mail leaves.')
  mailTest(mail.command('test'))
  mailRotateKey(mail.command('rotate-key'))
  const outbound = program.command('outbound').description('Mail on its way out: one for each recipient.')
  outboundList(outbound.command('list'))
  outboundRetry(outbound.command('retry'))
  outboundCancel(outbound.command('cancel'))
  const inbound = program.command('inbound').description('Mail that came in, and what became of it.')
  inboundList(inbound.command('list'))
  inboundShow(inbound.command('show'))
  inboundReplay(inbound.command('replay'))
  tail(program.command('tail'))
  demo(program.command('demo'))
  const config = program.command('config').description('The settings.')
  configShow(config.command('show'))
  health(program.command('health'))
  versionShow(program.command('version'))
  return program
}

/** Runs one command line, without the name of the program. Resolves with the exit code; never rejects. */
export async function run(words: readonly string[]): Promise<ExitCode> {
  const program = createProgram()
  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCodes.done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.misused
    tell(error, { asJson: program.opts<{ output?: string }>().output === 'json' })
    if (error instanceof ConfigError) return exitCodes.misused
    return error instanceof CommandFailed ? error.exitCode : exitCodes.failed
  }
}

/** What is expected is told in a sentence, anything else with its stack: it is a bug. */
function tell(error: unknown, { asJson }: { asJson: boolean }): void {
  const isExpected = error instanceof ConfigError || error instanceof CommandFailed || error instanceof Problem
  const message = error instanceof Error ? ((isExpected ? error.message : error.stack) ?? error.message) : String(error)
  const mistakes = error instanceof ConfigError ? { mistakes: error.mistakes } : {}
  process.stderr.write(asJson ? `${JSON.stringify({ error: { message, ...mistakes } })}\n` : `${message}\n`)
}

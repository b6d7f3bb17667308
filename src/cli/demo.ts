import { type Command, InvalidArgumentError } from 'commander'
import type { Config } from '../config.ts'
import { systemClock } from '../platform/clock.ts'
import { toTime } from '../platform/codecs.ts'
import type { Database } from '../platform/database/database.ts'
import { Problem } from '../platform/problems.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import type { Cast, DemoDesk } from './demo/desk.ts'
import type { Seen } from './demo/live.ts'
import type { SignIn } from './demo/sign-in.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { type ProgressBar, showProgress } from './progress.ts'

interface Given {
  remove?: boolean
  amongRealPeople?: boolean
  /** For how long the conversation goes on live; undefined: until Ctrl+C. */
  minutes?: number
  pace: number
}

/** `beckon demo` */
export function demo(command: Command): void {
  takeSettings(command)
    .summary('Fill the desk with invented people and tickets that go on live; --remove takes them out again.')
    .description(
      'Fill the desk with three agents, forty requesters and two hundred tickets of the last weeks in four languages, and let them go on writing until Ctrl+C. No mail goes to anybody. A server may run meanwhile, or not.',
    )
    .option('--minutes <number>', 'How long they go on writing; 0: not at all.', readMinutes)
    .option('--pace <seconds>', 'How long they wait before they write, on average.', readPace, 6)
    .option('--among-real-people', 'Do it although there are real people on this desk.')
    .option('--remove', 'Take everything out again that is of the demo, and nothing else.')
    .action(async (given: Given) => {
      if (given.remove && (given.amongRealPeople || given.minutes !== undefined))
        throw new CommandFailed('--remove takes no other option of the demo.', { exitCode: exitCodes.misused })
      const config = configOf(command)
      await (given.remove ? remove(command, config) : play(command, config, given))
    })
}

async function play(command: Command, config: Config, { amongRealPeople = false, minutes, pace }: Given): Promise<void> {
  const { migrateConfigured, openConfigured } = await import('./database.ts')
  const { createLog } = await import('../platform/log.ts')
  const { openDemoDesk } = await import('./demo/desk.ts')
  // Thousands of transactions in a row may keep each other waiting: nobody need hear of it.
  const log = createLog({ level: 'error', format: 'auto', destination: process.stderr })
  const database = await openConfigured(config, { log })
  const desk = openDemoDesk(database, log)
  try {
    await migrateConfigured(database)
    const { cast, ...result } = await make(database, desk, amongRealPeople)
    const { format } = typedOf(command)
    print(format, result, wordsOf(result))
    if (minutes !== 0) await converse({ desk, cast, format, minutes, pace, from: await nextConversation(database) })
  } finally {
    await desk.close()
    await database.close()
  }
}

interface Made {
  /** Whether it was there before. */
  existed: boolean
  tickets: number
  messages: number
  sign_in: SignIn
}

async function make(database: Database, desk: DemoDesk, isAllowed: boolean): Promise<Made & { cast: Cast }> {
  const { castOf, findMarked } = await import('./demo/cast.ts')
  const { demoIn, requireRoom } = await import('./demo/may-fill.ts')
  const { letSignIn } = await import('./demo/sign-in.ts')
  const now = systemClock.now()
  const db = database.reader
  const state = await demoIn(db)
  if (state === 'cut off')
    throw new CommandFailed('An earlier `beckon demo` was cut off, or lost tickets: run `beckon demo --remove`, then this again.')
  await requireRoom(db, { isAllowed: isAllowed || state === 'whole' })
  if (state === 'whole') {
    const cast = castOf(await findMarked(db))
    return { cast, existed: true, tickets: 0, messages: 0, sign_in: await letSignIn(desk.at(now), cast) }
  }
  const { fillDesk } = await import('./demo/fill.ts')
  const progress = (total: number): ProgressBar => showProgress('filling', total)
  const filled = await unlessRefused(() => fillDesk(desk, { now, progress }))
  return { ...filled, existed: false, sign_in: await letSignIn(desk.at(now), filled.cast) }
}

/** A desk whose admin asks more of tickets than the demo knows is told apart from a bug. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem) || error.statusCode >= 500) throw error
    const why = `${error.message} (${error.code})`
    const todo = 'Try it on another desk (--data-dir ./demo-data); `beckon demo --remove` takes out what was made.'
    throw new CommandFailed(`The statuses, fields or names of this desk do not let the demo in: ${why} ${todo}`, { cause: error })
  }
}

function wordsOf({ existed, tickets, messages, sign_in }: Made): string[] {
  const made = existed
    ? 'The demo is on this desk already.'
    : `The desk has ${tickets} tickets with ${messages} messages, of 40 requesters and 3 agents.`
  return [
    made,
    '',
    `  agents      ${sign_in.agents.join(', ')}`,
    `  requester   ${sign_in.requester}`,
    `  password    ${sign_in.password}   (for these four, new with every run)`,
    '',
    'See what happens with `beckon tail`, or at /docs/realtime of the server. `beckon demo --remove` takes everything out again.',
  ]
}

/** Where the live conversations go on, so that another run does not begin with the same ones. */
async function nextConversation(database: Database): Promise<number> {
  const { findDemo } = await import('./demo/remove.ts')
  return (await findDemo(database.reader)).tickets.length
}

async function converse(live: {
  desk: DemoDesk
  cast: Cast
  format: 'text' | 'json'
  minutes: number | undefined
  pace: number
  from: number
}): Promise<void> {
  const { goOnLive } = await import('./demo/live.ts')
  const { format, minutes, pace: paceSeconds, ...parts } = live
  const stop = new AbortController()
  const end = (): void => stop.abort()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  // Whoever reads has gone: `beckon demo | head`.
  process.stdout.on('error', end)
  const timer = minutes === undefined ? undefined : setTimeout(end, minutes * 60_000)
  if (process.stderr.isTTY) process.stderr.write('\nThey go on writing until Ctrl+C.\n\n')
  try {
    await goOnLive(parts.desk, {
      ...parts,
      clock: systemClock,
      paceSeconds,
      signal: stop.signal,
      onSeen: (seen) => process.stdout.write(format === 'json' ? `${JSON.stringify(seen)}\n` : `${lineOf(seen)}\n`),
    })
  } finally {
    clearTimeout(timer)
  }
}

function lineOf({ number, subject, who, what }: Seen): string {
  const time = toTime(systemClock.now()).slice(11, 19)
  const line = `${time}  #${number}  ${who}: ${what}`
  const about = `  [${subject}]`
  const width = process.stdout.columns ?? 120
  return line.length + about.length <= width ? line + about : `${line.slice(0, width - 1)}${line.length >= width ? '…' : ''}`
}

async function remove(command: Command, config: Config): Promise<void> {
  const { withHouse } = await import('./house.ts')
  const { removeDemo } = await import('./demo/remove.ts')
  const removed = await withHouse(config, (app) => removeDemo(app, { progress: (total) => showProgress('deleting', total) }))
  const { tickets, users, others_messages, rows } = removed
  const others = others_messages === 0 ? [] : [`With the tickets went ${others_messages} messages that others wrote in them.`]
  const lines =
    users === 0
      ? ['There is nothing of the demo on this desk.']
      : [`${tickets} tickets and ${users} people are gone, and what hung on them (${rows} rows).`, ...others]
  print(typedOf(command).format, removed, lines)
}

function readMinutes(text: string): number {
  const minutes = Number(text)
  if (text.trim() === '' || !(minutes >= 0 && minutes <= 1440)) throw new InvalidArgumentError('Give a number from 0 to 1440.')
  return minutes
}

function readPace(text: string): number {
  const seconds = Number(text)
  if (!(seconds >= 0.05 && seconds <= 600)) throw new InvalidArgumentError('Give a number from 0.05 to 600.')
  return seconds
}

import { once } from 'node:events'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Config } from '../config.ts'
import type { EventJson } from '../modules/history/index.ts'
import type { ServerFrame } from '../modules/realtime/index.ts'
import type { Database } from '../platform/database/database.ts'
import { configOf, takeSettings, typedOf } from './command.ts'
import { CommandFailed, exitCodes } from './exit.ts'

interface Given {
  topics: string[]
  after?: number
}

/** `beckon tail` */
export function tail(command: Command): void {
  const about = 'What to hear of, with commas between: all, ticket:1042, queue:que_…'
  const topics = new Option('--topics <topics>', about).argParser(readTopics).default(['all'], 'all')
  takeSettings(command)
    .summary('Print what happens, as it happens.')
    .description(
      'Print what happens, as it happens, as an admin would hear it. It reads the database itself and needs no token, nor a server of its own. With `-o json` one event in a line, as `GET /v1/stream` tells it.',
    )
    .addOption(topics)
    .option(
      '--after <position>',
      'The position behind which to begin; 0: the oldest event that is kept. Without it: from now on.',
      readAfter,
    )
    .action(async (given: Given) => {
      const { withDatabase, requireMigrated } = await import('./database.ts')
      const config = configOf(command)
      const isJson = typedOf(command).format === 'json'
      await withDatabase(config, async (database) => {
        await requireMigrated(database)
        await printEvents(database, config, { ...given, isJson })
      })
    })
}

async function printEvents(
  database: Database,
  config: Config,
  { topics, after, isJson }: Given & { isJson: boolean },
): Promise<void> {
  const { followLog } = await import('./tail/follow.ts')
  const { quietLog } = await import('./database.ts')
  const { Problem } = await import('../platform/problems.ts')
  const stop = new AbortController()
  const end = (): void => stop.abort()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  // Whoever reads has gone: `beckon tail | head`.
  process.stdout.on('error', end)
  const notice = (words: string): void => void process.stderr.write(`${isJson ? JSON.stringify({ notice: words }) : words}\n`)
  const lineOf = isJson ? async (event: EventJson) => JSON.stringify(event) : await createLines(database)
  const position = await followLog(database, quietLog(), {
    topics,
    after,
    pollMs: config.logPollMs,
    signal: stop.signal,
    notice,
    async take(frame) {
      if (frame.type === 'event') await say(await lineOf(frame.event), stop.signal)
      else if (frame.type === 'reset') notice(resetWords(frame))
      else if (frame.type === 'left') notice(`${frame.topics.join(', ')}: it is gone, and nothing is heard of it any more.`)
    },
  }).catch((error) => {
    if (!(error instanceof Problem) || error.statusCode >= 500) throw error
    throw new CommandFailed(`--topics: one of ${topics.join(', ')} is not there. ${error.message}`, {
      exitCode: exitCodes.misused,
    })
  })
  if (position !== undefined && process.stderr.isTTY)
    process.stderr.write(`\nTo go on from here: beckon tail --after ${position}\n`)
}

/** Why the log cannot be told from where somebody asked, and from where it is. */
function resetWords({ reason, position }: Extract<ServerFrame, { type: 'reset' }>): string {
  switch (reason) {
    case 'cursor_expired':
      return `What happened behind that position is not kept any more: it goes on from ${position}.`
    case 'cursor_ahead':
      return `The log ends at ${position}, before that position: it goes on from there.`
    default:
      return `Not everything up to position ${position} could be told (${reason}): it goes on from there.`
  }
}

/** Writes a line, and waits while whoever reads is behind. */
async function say(line: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || process.stdout.destroyed) return
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain', { signal }).catch(() => {})
}

/** Lines for people, with names for ids. */
async function createLines(database: Database): Promise<(event: EventJson) => Promise<string>> {
  const { eventLine } = await import('./tail/event-line.ts')
  const { findUser } = await import('../modules/directory/index.ts')
  const { stdout } = process
  const isColoured = stdout.isTTY === true && stdout.hasColors()
  const names = new Map<string, string>([['system', 'Beckon']])
  const learn = async (id: unknown): Promise<void> => {
    if (typeof id !== 'string' || names.has(id)) return
    const name = id.startsWith('usr_') ? (await findUser(database.reader, id))?.name : undefined
    names.set(id, name ?? id)
  }
  return async (event) => {
    await learn(event.actor.id)
    await learn(Object.entries(event.data).find(([key]) => key === 'assignee_id')?.[1])
    return eventLine(event, {
      nameOf: (id) => names.get(id) ?? id,
      isColoured,
      columns: stdout.isTTY ? stdout.columns : undefined,
    })
  }
}

// As in src/modules/realtime/topic.ts, which is read only when the command runs; `me` is nobody here.
const TOPIC = /^(ticket:.{1,204}|queue:que_[0-9a-z]{26}|view:vie_[0-9a-z]{26}|all)$/

function readTopics(text: string): string[] {
  const topics = text.split(',').map((topic) => topic.trim())
  const wrong = topics.find((topic) => !TOPIC.test(topic))
  if (wrong !== undefined)
    throw new InvalidArgumentError(`${JSON.stringify(wrong)} is no topic: give all, ticket:1042, queue:que_… or view:vie_….`)
  if (topics.length > 100) throw new InvalidArgumentError('Give 100 topics at most.')
  return topics
}

function readAfter(text: string): number {
  const position = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(position) || position < 0)
    throw new InvalidArgumentError('Give a position, a whole number from 0 on.')
  return position
}

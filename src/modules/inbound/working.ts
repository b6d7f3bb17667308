import { foldEmail } from '../../platform/codecs.ts'
import { isAway, isTransient } from '../../platform/database/errors.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import { StorageFull, StorageUnavailable } from '../../platform/files/problems.ts'
import { newId } from '../../platform/ids.ts'
import type { Ground } from '../../platform/module.ts'
import { endsWithin } from '../../platform/patience.ts'
import { DatabaseAway, Problem } from '../../platform/problems.ts'
import { createWorker, type Worker } from '../../platform/worker.ts'
import { LeaseLost, rememberStep } from './commands/remember-step.ts'
import type { ParsedMail } from './parsed-mail.ts'
import { MailRefused, type Parser, ParsingFailed } from './parser.ts'
import type { Process } from './processing.ts'
import { readRaw } from './raw.ts'
import { openStates } from './state.ts'
import type { InboundMailRow } from './tables.ts'

/** After so many tries a mail is put aside. */
export const TRIES_MAX = 5
const HELD_MAX = 16
const LANES = 4
const POLL_MS = 1000
// What a killed node held is free again after this; renewed while it is held.
const LEASE_MS = 20_000
const RENEW_MS = 5000
// Where something that every mail needs is away: that is no try.
const AWAY_MS = 15_000
const PATIENCE_MS = 5000
// What is away for so long will not come back by itself: then somebody must see it.
const NO_TRY_FOR_MS = 86_400_000

/** How long to wait after a failed try: 10 s, then three times as long each. */
export function backoffMs(attempt: number): number {
  return 10_000 * 3 ** (attempt - 1)
}

interface House extends Pick<Ground, 'database' | 'clock' | 'transact' | 'log'> {
  files: FileStore
  parse: Parser['parse']
  process: Process
  onTried: () => void
  /** How long a stop waits for mails that have been begun before other nodes may have them. */
  patienceMs?: number
}

/**
 * Works on the mails that came in: claims them under a lease, reads each in a thread, and has it processed; those of one mailbox in
 * the order in which they came, as far as this node has them. One that cannot be read or processed is tried again, holds up no other,
 * and ends in quarantine.
 */
export function createMailWorker(house: House): Worker {
  const { clock, database, log } = house
  const waiting: InboundMailRow[] = []
  const held = new Set<InboundMailRow>()
  const running = new Set<Promise<void>>()
  // Where the line of each mailbox ends.
  const lines = new Map<string, Promise<void>>()

  const lane = async (): Promise<void> => {
    for (let row = waiting.shift(); row; row = waiting.shift()) {
      const key = row.mailbox_id ?? ''
      const before = lines.get(key) ?? Promise.resolve()
      const { promise: done, resolve } = Promise.withResolvers<void>()
      lines.set(key, done)
      try {
        await workOn(house, row, before)
      } catch (error) {
        if (!isAway(error) && !isTransient(error))
          log.error({ err: error, inbound_mail_id: row.id }, 'a mail could not be put back')
      } finally {
        resolve()
        if (lines.get(key) === done) lines.delete(key)
        held.delete(row)
        if (held.size === HELD_MAX / 2) worker.wake()
        house.onTried()
      }
    }
  }
  const worker = createWorker({
    pollMs: POLL_MS,
    run: async () => {
      const free = HELD_MAX - held.size
      const claimed = free >= HELD_MAX / 2 ? await claim(house, free) : []
      for (const row of claimed) {
        held.add(row)
        waiting.push(row)
      }
      while (running.size < LANES && waiting.length > 0) {
        const one: Promise<void> = lane().finally(() => {
          running.delete(one)
          worker.wake()
        })
        running.add(one)
      }
      return claimed.length > 0
    },
    onError: (error) => {
      if (!isAway(error) && !isTransient(error)) log.error({ err: error }, 'inbound mail cannot be claimed')
    },
  })
  const renewing = setInterval(() => {
    const ids = Array.from(held, ({ id }) => id)
    const tokens = [...new Set(Array.from(held, ({ lease_token }) => lease_token))]
    if (ids.length === 0) return
    database
      .write((db) =>
        db
          .updateTable('inbound_mails')
          .set({ due_at: clock.now() + LEASE_MS })
          .where('id', 'in', ids)
          .where('lease_token', 'in', tokens)
          .where('state', 'in', openStates)
          .execute(),
      )
      // Whose lease runs out is somebody else's: nothing is done twice by it.
      .catch(() => {})
  }, RENEW_MS)
  renewing.unref()
  const rest = async (): Promise<void> => {
    while (running.size > 0) await Promise.allSettled(running)
  }
  return {
    wake: worker.wake,
    settle: async () => {
      do {
        await worker.settle()
        await rest()
        await worker.settle()
      } while (running.size > 0)
    },
    stop: async () => {
      await worker.stop()
      // What nobody began is another node's at once, and so is what takes too long.
      for (const row of await giveBack(house, waiting.splice(0))) held.delete(row)
      if (!(await endsWithin(house.patienceMs ?? PATIENCE_MS, rest()))) await giveBack(house, [...held])
      clearInterval(renewing)
    },
  }
}

/** Takes mails that are due, the oldest first, by a conditional update: two nodes never hold the same one. */
async function claim({ database, clock }: House, limit: number): Promise<InboundMailRow[]> {
  const now = clock.now()
  const ids: string[] = []
  for (const state of openStates) {
    if (ids.length === limit) break
    const due = await database.reader
      .selectFrom('inbound_mails')
      .select('id')
      .where('state', '=', state)
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .orderBy('id')
      .limit(limit - ids.length)
      .execute()
    ids.push(...due.map(({ id }) => id))
  }
  if (ids.length === 0) return []
  const lease_token = newId('lea')
  return database.write(async (db) => {
    await db
      .updateTable('inbound_mails')
      .set((eb) => ({ lease_token, due_at: now + LEASE_MS, attempts: eb('attempts', '+', 1) }))
      .where('id', 'in', ids)
      .where('state', 'in', openStates)
      .where('due_at', '<=', now)
      .execute()
    return db.selectFrom('inbound_mails').selectAll().where('lease_token', '=', lease_token).orderBy('id').execute()
  })
}

/** Lets others have mails that this node holds, as far as it still does; answers the mails. */
async function giveBack({ database, clock, log }: House, rows: readonly InboundMailRow[]): Promise<readonly InboundMailRow[]> {
  const ids = rows.map(({ id }) => id)
  const tokens = [...new Set(rows.map(({ lease_token }) => lease_token))]
  if (ids.length === 0) return rows
  await database
    .write((db) =>
      db
        .updateTable('inbound_mails')
        .set((eb) => ({ lease_token: null, due_at: clock.now(), attempts: eb('attempts', '-', 1) }))
        .where('id', 'in', ids)
        .where('lease_token', 'in', tokens)
        .where('state', 'in', openStates)
        .execute(),
    )
    // Then they are when their lease has run out.
    .catch((err) => log.debug({ err }, 'mails that came in are not given back'))
  return rows
}

async function workOn(house: House, row: InboundMailRow, before: Promise<void>): Promise<void> {
  const { log, transact } = house
  const facts = { inbound_mail_id: row.id, attempt: row.attempts }
  try {
    // It ended none of its tries: most likely it ended the process.
    if (row.attempts > TRIES_MAX) throw new ParsingFailed('crashed')
    const parsed = await house.parse(await readRaw(house.files, row)).finally(() => before)
    const read = await transact((tx) => rememberParsed(tx, row, parsed))
    await house.process(read, parsed, async () => Buffer.from((await readRaw(house.files, row)).buffer))
    log.info(facts, 'a mail was processed')
  } catch (error) {
    await before
    if (error instanceof LeaseLost) return log.debug(facts, 'a mail is held by somebody else')
    if (isNoTry(error) && house.clock.now() - row.received_at < NO_TRY_FOR_MS) {
      log.warn({ ...facts, err: error }, 'a mail waits for what is away')
      await putBack(house, row, { attempts: row.attempts - 1, due_at: house.clock.now() + AWAY_MS })
    } else await giveUpOrRetry(house, row, error)
  }
}

/** Whether it failed by what has nothing to do with this mail. */
function isNoTry(error: unknown): boolean {
  if (isAway(error) || isTransient(error)) return true
  if (error instanceof ParsingFailed) return error.failure === 'closed' || error.failure === 'busy'
  return error instanceof Problem && [DatabaseAway, StorageFull, StorageUnavailable].includes(error.definition)
}

async function giveUpOrRetry(house: House, row: InboundMailRow, error: unknown): Promise<void> {
  const { log, clock, transact } = house
  const reason = error instanceof ParsingFailed ? error.failure : error instanceof MailRefused ? error.refusal : 'failed'
  const isOver = row.attempts >= TRIES_MAX || error instanceof MailRefused
  const facts = { inbound_mail_id: row.id, attempt: row.attempts, reason, err: error }
  if (isOver) log.error(facts, 'a mail is in quarantine: it cannot be processed')
  else log.warn(facts, 'a mail could not be processed and will be tried again')
  const last_error = (error instanceof Error ? error.message : String(error)).replaceAll('\0', '').toWellFormed().slice(0, 500)
  if (!isOver) return putBack(house, row, { last_error, due_at: clock.now() + backoffMs(row.attempts) }, reason)
  await transact((tx) =>
    rememberStep(tx, row, { state: 'quarantined', reason, last_error }, { step: 'quarantined', reason, attempt: row.attempts }),
  ).catch(unlessLost)
}

async function putBack(house: House, row: InboundMailRow, changes: Partial<InboundMailRow>, reason?: string): Promise<void> {
  const steps = reason === undefined ? [] : [{ step: 'failed' as const, reason, attempt: row.attempts }]
  await house.transact((tx) => rememberStep(tx, row, { ...changes, lease_token: null }, ...steps)).catch(unlessLost)
}

function unlessLost(error: unknown): void {
  if (!(error instanceof LeaseLost)) throw error
}

const LINE_MAX = 998

/** Writes down what a mail says of itself. */
function rememberParsed(
  tx: Parameters<typeof rememberStep>[0],
  row: InboundMailRow,
  parsed: ParsedMail,
): Promise<InboundMailRow> {
  const { from, subject, date, files, report, cut, quoted, html, text } = parsed
  const from_address = from[0]?.address.slice(0, 320) || null
  const changes = {
    state: 'parsed' as const,
    from_address,
    from_key: from_address === null ? null : foldEmail(from_address).slice(0, 320),
    subject: subject.slice(0, LINE_MAX),
    sent_at: date,
  }
  return rememberStep(tx, row, changes, {
    step: 'parsed',
    text_length: text.length,
    html: html !== null,
    quote: quoted !== null,
    files: files.length,
    report: report !== null,
    ...(cut.length === 0 ? {} : { cut }),
  })
}

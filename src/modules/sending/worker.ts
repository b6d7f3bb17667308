import { setTimeout as wait } from 'node:timers/promises'
import { isAway, isTransient } from '../../platform/database/errors.ts'
import type { Ground } from '../../platform/module.ts'
import { traceOf } from '../../platform/tracing/trace-rows.ts'
import { type OpenSpan, traced } from '../../platform/tracing/tracing.ts'
import { createWorker, type Worker } from '../../platform/worker.ts'
import type { Outcome, PostOffice } from '../mail/index.ts'
import { toResponse } from '../mail/index.ts'
import { backoffMs } from './backoff.ts'
import { isHardBounce } from './bounce.ts'
import { claimMails, LEASE_MS, renewLeases } from './claiming.ts'
import type { Ending } from './commands/finish-mail.ts'
import { releaseMail } from './commands/release-mail.ts'
import type { Compose } from './compose.ts'
import { createEndings } from './endings.ts'
import { createLanes } from './lanes.ts'
import { suppressedAmong } from './queries.ts'
import type { OutboundMailRow } from './tables.ts'

const POLL_MS = 1000
const RENEW_MS = 15_000
// What is done at the same time is taken up together.
const GATHER_MS = 10
const PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** How long a stop waits for mails on their way before it calls back those that the server has not seen whole. */
const PATIENCE_MS = 5000

interface House extends Pick<Ground, 'database' | 'clock' | 'log' | 'tracing'> {
  postOffice: PostOffice
  compose: (kind: string) => Compose | undefined
  writeEnding: ReturnType<typeof createEndings>
  onTried: () => void
}

/** A mail that this node is sending, and until when nobody else may. */
interface Running {
  mail: OutboundMailRow
  leasedUntil: number
  abort: AbortController
}

/**
 * Sends what is due, so many at a time, and of each domain no more than its lane takes: one that hangs holds up nobody else. While the
 * mail server itself is away one mail after the other finds out whether it is back; the rest stays as it is.
 */
export function createSender({ transact, ...ground }: Omit<House, 'writeEnding'> & Pick<Ground, 'transact'>): Worker {
  const { database, clock, log, postOffice } = ground
  const house: House = { ...ground, writeEnding: createEndings(transact) }
  const lanes = createLanes(postOffice.connections)
  const running = new Map<OutboundMailRow, Running>()
  const underway = new Set<Promise<void>>()
  const server = createBreaker()
  let probing = false

  const run = async (): Promise<boolean> => {
    const now = clock.now()
    const free = postOffice.connections - running.size
    const isProbe = server.isSuspect()
    const limit = isProbe ? (probing || now < server.pausedUntil() ? 0 : Math.min(free, 1)) : free
    if (limit <= 0) return false
    const claimed = await claimMails(database, { now, limit, lanes })
    const suppressed = await suppressedAmong(database.reader, claimed)
    probing ||= isProbe && claimed.length > 0
    for (const mail of claimed) start(mail, { suppressed: suppressed.get(mail.to_key), isProbe })
    // Who is done wakes the worker.
    return false
  }
  const start = (mail: OutboundMailRow, { suppressed, isProbe }: { suppressed: string | undefined; isProbe: boolean }): void => {
    const one = { mail, leasedUntil: clock.now() + LEASE_MS, abort: new AbortController() }
    running.set(mail, one)
    lanes.enter(mail.to_domain)
    const begun = performance.now()
    const done = (
      suppressed === undefined ? sendWithinItsTrace(house, one) : finish(house, mail, { state: 'suppressed', reason: suppressed })
    )
      .catch((error) => {
        // What could not be written down is tried again when the lease has run out.
        if (!isAway(error) && !isTransient(error)) log.error({ err: error, mail: mail.id }, 'a mail failed in Beckon itself')
        return undefined
      })
      .then((outcome) => {
        running.delete(mail)
        underway.delete(done)
        if (isProbe) probing = false
        const isWell = outcome === undefined || outcome.kind === 'accepted' || outcome.kind === 'permanent'
        lanes.leave(mail.to_domain, { isWell, ms: performance.now() - begun })
        if (outcome) server.heard(outcome, clock.now())
        house.onTried()
        gather()
      })
    underway.add(done)
  }

  const worker = createWorker({
    pollMs: POLL_MS,
    run,
    onError: (error) => {
      if (!isAway(error) && !isTransient(error)) log.error({ err: error }, 'the sender of mail failed')
    },
  })
  let gathering: NodeJS.Timeout | undefined
  const gather = (): void => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      worker.wake()
    }, GATHER_MS)
  }
  const renewal = setInterval(() => void renew().catch(() => {}), RENEW_MS)
  renewal.unref()
  const renew = async (): Promise<void> => {
    const now = clock.now()
    const held = [...running.values()]
    // Somebody else may have it by now: what the server has not seen whole is called back.
    for (const { leasedUntil, abort } of held) if (leasedUntil <= now) abort.abort()
    const kept = held.filter(({ leasedUntil }) => leasedUntil > now)
    if (kept.length === 0) return
    await renewLeases(
      database,
      kept.map(({ mail }) => mail),
      now + LEASE_MS,
    )
    for (const one of kept) one.leasedUntil = now + LEASE_MS
  }

  return {
    wake: gather,
    settle: async () => {
      do {
        await worker.settle()
        await Promise.allSettled(underway)
        await worker.settle()
      } while (underway.size > 0)
    },
    stop: async () => {
      clearTimeout(gathering)
      await worker.stop()
      const all = Promise.allSettled(underway)
      const late = new AbortController()
      const isDone = await Promise.race([all.then(() => true), wait(PATIENCE_MS, false, { signal: late.signal })])
      late.abort()
      if (!isDone) {
        for (const { abort } of running.values()) abort.abort()
        // An answer to a message that the server has may take longer than anybody waits: it will be sent a second time.
        await Promise.race([all, wait(PATIENCE_MS, undefined, { ref: false })])
      }
      clearInterval(renewal)
      clearTimeout(gathering)
    },
  }
}

/** Goes on with the trace of what the mail is owed for, if one is recorded. */
async function sendWithinItsTrace(house: House, one: Running): Promise<Outcome | undefined> {
  const { tracing, database } = house
  const { id, kind, attempts } = one.mail
  const parent = tracing && (await traceOf(database.reader, id))
  if (parent === undefined) return sendOne(house, one)
  const attributes = { 'beckon.mail.id': id, 'beckon.mail.kind': kind, 'beckon.attempt': attempts }
  return traced(tracing, { name: 'send mail', kind: 'client', parent, attributes }, async (span) => {
    const outcome = await sendOne(house, one)
    if (span && outcome) tellOutcome(span, outcome)
    return outcome
  })
}

function tellOutcome(span: OpenSpan, { kind, smtp_code }: Outcome): void {
  span.set({ 'beckon.mail.outcome': kind, ...(smtp_code ? { 'smtp.response.status_code': smtp_code } : {}) })
  if (kind !== 'accepted') span.fail(kind)
}

/** Tries one mail, and writes down how it went. */
async function sendOne(house: House, { mail, abort }: Running): Promise<Outcome | undefined> {
  const { database, postOffice, compose, clock } = house
  const composer = compose(mail.kind)
  if (!composer) return finish(house, mail, { state: 'cancelled', reason: 'unknown_kind' })
  let letter: Awaited<ReturnType<Compose>>
  try {
    letter = await composer(database.reader, mail)
  } catch (error) {
    if (isAway(error) || isTransient(error)) throw error
    house.log.error({ err: error, mail: mail.id, kind: mail.kind }, 'a mail cannot be composed')
    return finish(house, mail, afterFailure(mail, { now: clock.now(), reason: 'not_composed' }))
  }
  if ('cancelled' in letter) return finish(house, mail, { state: 'cancelled', reason: letter.cancelled })
  const { header_id, created_at: date } = mail
  const outbox_id = `out_${mail.id.slice(mail.id.indexOf('_') + 1)}`
  const outcome = await postOffice.post({ letter, header_id, outbox_id, date, signal: abort.signal })
  if (outcome.kind !== 'accepted' && abort.signal.aborted) {
    await database.write((db) => releaseMail(db, mail, clock.now()))
    return undefined
  }
  await finish(house, mail, endingOf(mail, outcome, clock.now()))
  return outcome
}

function endingOf(mail: OutboundMailRow, outcome: Outcome, now: number): Ending {
  const { smtp_code, enhanced_code, response } = outcome
  const said = { smtp_code, enhanced_code, response }
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'sent', ...said, replaced_header_id: outcome.replaced_header_id }
    case 'permanent':
      return { state: 'bounced', reason: isHardBounce(outcome) ? 'no_such_address' : 'refused', ...said }
    case 'temporary':
    case 'connection':
      return { ...afterFailure(mail, { now, reason: outcome.kind === 'connection' ? 'no_connection' : 'put_off' }), ...said }
  }
}

function afterFailure(mail: OutboundMailRow, { now, reason }: { now: number; reason: string }): Ending {
  const waitMs = backoffMs(mail.attempts)
  return waitMs === undefined ? { state: 'failed', reason } : { state: 'deferred', reason, due_at: now + waitMs }
}

async function finish({ writeEnding, log }: House, mail: OutboundMailRow, ending: Ending): Promise<undefined> {
  const isOurs = await writeEnding({ mail, ending })
  const { id, kind, attempts: attempt, request_id } = mail
  const { state, reason, smtp_code, enhanced_code, response } = ending
  const facts = { mail: id, kind, attempt, request_id, state, reason, smtp_code, enhanced_code }
  if (!isOurs) log.warn(facts, 'a mail was finished by somebody else meanwhile')
  else if (state === 'failed' || state === 'bounced' || state === 'deferred')
    log.warn({ ...facts, response: toResponse(response ?? '') }, `a mail is ${state}`)
  else log.info(facts, `a mail is ${state}`)
}

/** Whether the mail server answers at all: after a failure to reach it, pauses that grow up to half a minute. */
function createBreaker() {
  let failures = 0
  let until = 0
  return {
    isSuspect: () => failures > 0,
    pausedUntil: () => until,
    heard({ kind }: Outcome, now: number): void {
      if (kind !== 'connection') failures = 0
      // Those that failed at the same time failed once.
      else if (failures === 0 || now >= until) until = now + Math.min(PAUSE_MS * 2 ** failures++, LONGEST_PAUSE_MS)
    },
  }
}

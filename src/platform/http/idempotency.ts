import { createHmac } from 'node:crypto'
import type { Actor } from '../actor.ts'
import { fromJson, toJson } from '../codecs.ts'
import { insertIfAbsent } from '../database/dialect.ts'
import { isLockTimeout } from '../database/errors.ts'
import { prepare } from '../database/prepared.ts'
import type { Reader } from '../database/schema.ts'
import { EMPTIED } from '../kept-answers.ts'
import { InvalidParameter, NotFound } from '../problems.ts'
import type { IdempotencyRow } from '../tables.ts'
import type { Transact, Tx } from '../transaction.ts'
import type { Answer } from './answer.ts'
import { IdempotencyAnswerGone, IdempotencyInProgress, IdempotencyKeyReused } from './problems.ts'

/** How long an answer is kept for retries. */
export const KEPT_MS = 86_400_000

/** Whether an actor still sees what a kept answer shows. */
export type StillSees = (db: Reader, actor: Actor, subject: { id: string; view: string }) => Promise<boolean>

/** What makes two requests the same. */
export interface Fingerprinted {
  method: string
  url: string
  body: string
  if_match: string | undefined
}

export interface Idempotency {
  /**
   * The kept answer to a retry, looked up before anything of the request is done; undefined for a new key.
   * Throws 422 when the key was used for another request.
   */
  find(db: Reader, request: { actor: Actor; key: string; fingerprinted: Fingerprinted; now: number }): Promise<Answer | undefined>
  /** Runs `work` once per principal and key; a retry gets the kept answer, marked as replayed. */
  once(
    request: { actor: Actor; key: string; fingerprinted: Fingerprinted; transact: Transact },
    work: (tx: Tx) => Promise<Answer>,
  ): Promise<Answer>
}

/** Reads the header; undefined where there is none. */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  if (header.length >= 1 && header.length <= 255 && /^[\x20-\x7e]+$/.test(header)) return header
  const detail = 'Idempotency-Key must be 1 to 255 printable ASCII characters.'
  throw InvalidParameter({ detail, errors: [{ parameter: 'Idempotency-Key', code: 'invalid', detail }] })
}

/** `secret` keys the fingerprints: a plain hash of a body with a password in it would be a quick way to guess it. */
export function createIdempotency({ secret, stillSees }: { secret: Buffer; stillSees: StillSees }): Idempotency {
  // A second request with a running key must not wait inside the database: a hundred of them would hold the whole pool.
  const running = new Set<string>()
  const fingerprintOf = ({ method, url, body, if_match }: Fingerprinted): string =>
    createHmac('sha256', secret)
      .update(JSON.stringify([method, url, if_match ?? null]))
      .update(body)
      .digest('hex')

  return {
    async find(db, { actor, key, fingerprinted, now }) {
      const row = await keptRow(db, actor, key)
      if (!row || row.status === 0 || row.created_at <= now - KEPT_MS) return undefined
      return replay(db, actor, { row, fingerprint: fingerprintOf(fingerprinted) })
    },

    async once({ actor, key, fingerprinted, transact }, work) {
      const name = `${actor.id} ${key}`
      if (running.has(name)) throw inProgress()
      running.add(name)
      try {
        const fingerprint = fingerprintOf(fingerprinted)
        return await transact(async (tx) => {
          const taken = await takeKey(tx, { actor, key, fingerprint })
          if (taken !== 'new') return replay(tx.db, actor, { row: taken, fingerprint })
          const answer = await work(tx)
          if (answer.fleeting) await forgetKey(tx, actor, key)
          else await keep(tx, { actor, key, answer })
          return answer
        })
      } finally {
        running.delete(name)
      }
    },
  }

  async function replay(
    db: Reader,
    actor: Actor,
    { row, fingerprint }: { row: IdempotencyRow; fingerprint: string },
  ): Promise<Answer> {
    if (row.fingerprint !== fingerprint) throw IdempotencyKeyReused()
    if (row.subject_id !== null && !(await stillSees(db, actor, { id: row.subject_id, view: row.subject_view ?? '' })))
      throw NotFound()
    const headers = fromJson<Record<string, string>>(row.headers)
    if (row.body === EMPTIED)
      throw IdempotencyAnswerGone(headers.Location === undefined ? {} : { members: { location: headers.Location } })
    return {
      // Written by keep() from an Answer.
      status: row.status as Answer['status'],
      body: fromJson(row.body),
      headers: { ...headers, 'Idempotent-Replayed': 'true' },
    }
  }
}

function inProgress() {
  return IdempotencyInProgress({ headers: { 'Retry-After': '1' } })
}

const rowOfKey = prepare((db, { principal_id, idempotency_key }: Pick<IdempotencyRow, 'principal_id' | 'idempotency_key'>) =>
  db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('principal_id', '=', principal_id)
    .where('idempotency_key', '=', idempotency_key),
)

async function keptRow(db: Reader, actor: Actor, idempotency_key: string): Promise<IdempotencyRow | undefined> {
  return (await rowOfKey(db, { principal_id: actor.id, idempotency_key }))[0]
}

/** Writes the key's row, which makes the same key on another node wait; or reads the row of a request that has committed. */
async function takeKey(
  tx: Tx,
  { actor, key, fingerprint }: { actor: Actor; key: string; fingerprint: string },
): Promise<'new' | IdempotencyRow> {
  const row: IdempotencyRow = {
    principal_id: actor.id,
    idempotency_key: key,
    fingerprint,
    status: 0,
    headers: '{}',
    body: 'null',
    subject_id: null,
    subject_view: null,
    created_at: tx.now,
  }
  try {
    if (await insertIfAbsent(tx.db, 'idempotency_keys', row)) return 'new'
  } catch (error) {
    // Another node has held the key for two seconds.
    if (isLockTimeout(error)) throw inProgress()
    throw error
  }
  const kept = await keptRow(tx.db, actor, key)
  if (!kept) throw inProgress()
  if (kept.created_at > tx.now - KEPT_MS) return kept
  const { numUpdatedRows } = await tx.db
    .updateTable('idempotency_keys')
    .set({ fingerprint, status: 0, created_at: tx.now })
    .where('principal_id', '=', actor.id)
    .where('idempotency_key', '=', key)
    .where('created_at', '=', kept.created_at)
    .executeTakeFirstOrThrow()
  // Another node was first to take the expired key anew.
  if (numUpdatedRows === 0n) throw inProgress()
  return 'new'
}

async function forgetKey(tx: Tx, actor: Actor, key: string): Promise<void> {
  await tx.db.deleteFrom('idempotency_keys').where('principal_id', '=', actor.id).where('idempotency_key', '=', key).execute()
}

async function keep(tx: Tx, { actor, key, answer }: { actor: Actor; key: string; answer: Answer }): Promise<void> {
  const headers = answer.etag === undefined ? answer.headers : { ...answer.headers, ETag: `"${answer.etag}"` }
  await tx.db
    .updateTable('idempotency_keys')
    .set({
      status: answer.status,
      headers: toJson(headers),
      body: toJson(answer.body ?? null),
      subject_id: answer.subject?.id ?? null,
      subject_view: answer.subject?.view ?? null,
    })
    .where('principal_id', '=', actor.id)
    .where('idempotency_key', '=', key)
    .execute()
}

import type { Reader } from '../../../platform/database/schema.ts'
import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { idInMailToken, isMailToken } from '../mail-token.ts'
import { InvalidMailToken } from '../problems.ts'
import { findMailToken, findRegistration } from '../queries.ts'
import type { MailTokenRow, RegistrationRow } from '../tables.ts'

interface Given {
  token: string
  secrets: Secrets
  now: number
}

/** The registration of a token that can still be spent, or 422. */
export async function findSpendableRegistration(db: Reader, { token, secrets, now }: Given): Promise<RegistrationRow> {
  const id = idInMailToken(token)
  const row = id === undefined ? undefined : await findRegistration(db, id)
  if (!row || !isMailToken(secrets, { token, purpose: 'registration', row }) || isSpent(row, now)) throw InvalidMailToken()
  return row
}

/** What a token was mailed for, if it is for one of these purposes and can still be spent, or 422. */
export async function findSpendableToken(
  db: Reader,
  { token, secrets, now, purposes }: Given & { purposes: readonly MailTokenRow['purpose'][] },
): Promise<MailTokenRow> {
  const id = idInMailToken(token)
  const row = id === undefined ? undefined : await findMailToken(db, id)
  if (!row || !purposes.includes(row.purpose) || !isMailToken(secrets, { token, purpose: row.purpose, row }) || isSpent(row, now))
    throw InvalidMailToken()
  return row
}

function isSpent({ used_at, expires_at }: { used_at: number | null; expires_at: number }, now: number): boolean {
  return used_at !== null || expires_at <= now
}

/** Spends a row once: of two who try at the same moment, the second gets 422. */
export async function spend(tx: Tx, table: 'registrations' | 'mail_tokens', id: string): Promise<void> {
  const { numUpdatedRows } = await tx.db
    .updateTable(table)
    .set({ used_at: tx.now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) throw InvalidMailToken()
}

import { sql } from 'kysely'
import type { Reader } from '../../platform/database/schema.ts'

/** What was spent: mail of one address in one ticket, of one address, or of one mailbox. */
export type BudgetScope = 'ticket' | 'address' | 'mailbox'

const HOUR_MS = 3_600_000

/** More than people write: over it mail is still kept, and nobody is mailed because of it. */
export const budgets: Readonly<Record<BudgetScope, { most: number; within_ms: number }>> = {
  ticket: { most: 10, within_ms: 3 * HOUR_MS },
  address: { most: 50, within_ms: 24 * HOUR_MS },
  mailbox: { most: 1000, within_ms: HOUR_MS },
}

/** What a row says of itself that came over a budget. */
export function overBudget(scope: BudgetScope): string {
  return `over_budget_${scope}`
}

interface Spending {
  inbound_id: string
  ticket_id: string | null
  from_key: string
  mailbox_id: string | null
  /** Whether its domain vouches for it: then what others wrote in its sender's name does not count. */
  is_aligned: boolean
}

/** Which budget a mail goes over, and whether it is the first of its time to do so; null where none is. */
export async function spentBudget(
  db: Reader,
  spending: Spending,
  now: number,
): Promise<{ scope: BudgetScope; is_first: boolean } | null> {
  for (const scope of ['ticket', 'address', 'mailbox'] as const) {
    const rows = rowsOf(db, scope, spending)
    if (!rows) continue
    const { most, within_ms } = budgets[scope]
    const recent = rows.where('created_at', '>', now - within_ms).where('id', '!=', spending.inbound_id)
    const counted = recent.select('id').limit(most)
    const { count } = await db
      .selectFrom(counted.as('counted'))
      .select(sql<number>`count(*)`.as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) < most) continue
    const told = await recent.select('id').where('reason', '=', overBudget(scope)).limit(1).executeTakeFirst()
    return { scope, is_first: told === undefined }
  }
  return null
}

function rowsOf(db: Reader, scope: BudgetScope, { ticket_id, from_key, mailbox_id, is_aligned }: Spending) {
  const all = db.selectFrom('inbound_mails')
  if (scope === 'mailbox') return mailbox_id === null ? undefined : all.where('mailbox_id', '=', mailbox_id)
  const rows = is_aligned ? all.where(isVerified) : all
  switch (scope) {
    case 'ticket':
      return ticket_id === null ? undefined : rows.where('ticket_id', '=', ticket_id).where('from_key', '=', from_key)
    case 'address':
      return rows.where('from_key', '=', from_key)
  }
}

/** What somebody wrote for whom his domain vouches. Otherwise fifty forged mails a day would keep from everybody what he writes himself. */
const isVerified = sql<boolean>`exists (select 1 from messages where messages.id = inbound_mails.message_id and messages.mail_trust = 'verified')`

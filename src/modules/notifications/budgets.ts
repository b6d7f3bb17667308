import type { Reader } from '../../platform/database/schema.ts'
import { countRegistrations } from '../accounts/index.ts'
import { countAutomatic } from '../sending/index.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** How many automatic mails there may be within a window. */
export interface Budget {
  limit: number
  window_ms: number
}

/** To an address that nobody proved. */
export const unprovenBudgets: readonly Budget[] = [
  { limit: 1, window_ms: HOUR_MS },
  { limit: 5, window_ms: DAY_MS },
]

/** What looks like a loop: in a ticket to one address, to one address, and from one mailbox. */
export const loopBudgets = {
  ticket: { limit: 10, window_ms: 3 * HOUR_MS },
  address: { limit: 50, window_ms: DAY_MS },
  mailbox: { limit: 1000, window_ms: HOUR_MS },
} as const
export type LoopScope = keyof typeof loopBudgets

export const LOOP = 'loop_budget'
export const UNPROVEN = 'unproven_address'

interface Mail {
  to_key: string
  ticket_id: string
  mailbox_id: string | null
}

/**
 * Whether an address that nobody proved may get one more; what accounts mailed to it because somebody registered it counts, too. Its person's
 * row is locked, so that two do not count the same.
 */
export async function isWithinUnproven(db: Reader, { to_key }: Mail, now: number): Promise<boolean> {
  for (const { limit, window_ms } of unprovenBudgets) {
    const since = now - window_ms + 1
    const count = (await countAutomatic(db, { to_key, since })) + (await countRegistrations(db, { email_key: to_key, since }))
    if (count >= limit) return false
  }
  return true
}

/** The loop budget that one more automatic mail would break, and whether it is broken for the first time in its window. */
export async function brokenBudget(
  db: Reader,
  mail: Mail,
  now: number,
): Promise<{ scope: LoopScope; is_first: boolean } | undefined> {
  for (const scope of ['ticket', 'address', 'mailbox'] as const) {
    const { limit, window_ms } = loopBudgets[scope]
    const since = now - window_ms + 1
    if ((await count(db, mail, { scope, since, limit })) < limit) continue
    return { scope, is_first: !(await isTripped(db, mail, { scope, since })) }
  }
  return undefined
}

async function count(
  db: Reader,
  { to_key, ticket_id, mailbox_id }: Mail,
  { scope, since, limit }: { scope: LoopScope; since: number; limit: number },
): Promise<number> {
  if (scope === 'ticket') return countAutomatic(db, { to_key, since, ticket_id })
  if (scope === 'address') return countAutomatic(db, { to_key, since })
  if (mailbox_id === null) return 0
  const rows = await db
    .selectFrom('outbound_mails')
    .select('id')
    .where('mailbox_id', '=', mailbox_id)
    .where('created_at', '>=', since)
    .where('automatic', '=', 1)
    .where('state', 'not in', ['cancelled', 'suppressed'])
    .limit(limit)
    .execute()
  return rows.length
}

/** Whether this budget has kept back a mail in its window already. */
async function isTripped(
  db: Reader,
  { to_key, ticket_id, mailbox_id }: Mail,
  { scope, since }: { scope: LoopScope; since: number },
): Promise<boolean> {
  const kept = db
    .selectFrom('outbound_mails')
    .select('id')
    .where('created_at', '>=', since)
    .where('state', '=', 'suppressed')
    .where('reason', '=', `${LOOP}:${scope}`)
    .limit(1)
  const ours =
    scope === 'mailbox'
      ? kept.where('mailbox_id', '=', mailbox_id)
      : kept.where('to_key', '=', to_key).$if(scope === 'ticket', (some) => some.where('ticket_id', '=', ticket_id))
  return (await ours.executeTakeFirst()) !== undefined
}

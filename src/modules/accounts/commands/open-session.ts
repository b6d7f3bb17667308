import { insertRow } from '../../../platform/database/prepared.ts'
import type { Client } from '../../../platform/http/route.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { sessionCreated } from '../events.ts'
import type { SessionRow } from '../tables.ts'

/** Signs a person in on a device. The session lasts `days` from its last use. */
export async function openSession(
  tx: Tx,
  { user_id, days, client }: { user_id: string; days: number; client?: Client },
): Promise<SessionRow> {
  const session: SessionRow = {
    id: newId('ses'),
    user_id,
    generation: 1,
    rotated_at: tx.now,
    created_at: tx.now,
    last_used_at: tx.now,
    expires_at: tx.now + days * 86_400_000,
    ended_at: null,
    ended_reason: null,
    client_address: client?.address ?? null,
    user_agent: client?.user_agent ?? null,
  }
  await insertRow(tx.db, 'sessions', session)
  tx.announce(sessionCreated, {
    actor: { type: 'user', id: user_id },
    subject: { type: 'session', id: session.id, version: 1 },
    visibility: 'internal',
    data: { user_id },
  })
  return session
}

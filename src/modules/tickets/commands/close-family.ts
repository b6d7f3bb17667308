import { type Actor, isStaff } from '../../../platform/actor.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { Forbidden, Problem } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { StatusDefinition } from '../../workflow/index.ts'
import { changeTicket } from '../change.ts'
import { canWork } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { ChildrenStayOpen, TooManyChildren, TransitionNotAllowed } from '../problems.ts'
import { findVisibleTicket, getVisibleTicket } from '../queries.ts'
import { changeStatus } from '../status.ts'
import { closeTicket } from './close-ticket.ts'
import { requireClosing } from './transition.ts'

/** The tickets that are parts of these: what links say, which tickets do not know. */
export type ChildrenOf = (db: Reader, ticket_ids: readonly string[]) => Promise<string[]>

const CHILDREN_MAX = 100

/**
 * Closes a ticket as closeTicket does, and with it all its children, near and far, that are open and that the actor works on: all
 * or nothing. Children that he does not see are not there for him.
 */
export async function closeFamily(
  tx: Tx,
  actor: Actor,
  { childrenOf, ...closing }: Parameters<typeof closeTicket>[2] & { childrenOf: ChildrenOf },
): Promise<SeenTicket> {
  const { id, view } = await getVisibleTicket(tx.db, actor, closing.ticket)
  if (!isStaff(actor) || view !== 'staff') throw Forbidden()
  const open = await openBelow(tx, actor, { id, childrenOf })
  const children: SeenTicket[] = []
  for (const one of [id, ...open].sort()) {
    const ticket = await findVisibleTicket(tx.db, actor, one, 'for update')
    if (one !== id && ticket && isToClose(ticket)) children.push(ticket)
  }

  const parent = await closeTicket(tx, actor, { ...closing, ticket: id })
  const statuses = children.map((child) => closingOf(actor, child))
  const staying = children.filter((_, i) => !statuses[i])
  if (staying.length > 0) throw ChildrenStayOpen({ members: { ticket_ids: staying.map((child) => child.id) } })
  for (const [i, child] of children.entries()) {
    const status = statuses[i]
    if (status) await changeTicket(tx, actor, child, changeStatus(child, status, tx.now))
  }
  return parent
}

/** The open tickets below one, as far as the actor works on them and on those between. */
async function openBelow(tx: Tx, actor: Actor, { id, childrenOf }: { id: string; childrenOf: ChildrenOf }): Promise<string[]> {
  const open: string[] = []
  for (let level = [id]; level.length > 0; ) {
    const next: string[] = []
    for (const child_id of await childrenOf(tx.db, level)) {
      const child = await findVisibleTicket(tx.db, actor, child_id)
      if (!child || !canWork(child)) continue
      next.push(child_id)
      if (isToClose(child)) open.push(child_id)
      if (open.length > CHILDREN_MAX) throw TooManyChildren()
    }
    level = next
  }
  return open
}

function isToClose(ticket: SeenTicket): boolean {
  return canWork(ticket) && ticket.status_category !== 'closed'
}

/** The status in which the actor may close a ticket; undefined where he may not from where it is. */
function closingOf(actor: Actor, ticket: SeenTicket): StatusDefinition | undefined {
  try {
    return requireClosing(actor, ticket)
  } catch (error) {
    if (error instanceof Problem && error.definition === TransitionNotAllowed) return undefined
    throw error
  }
}

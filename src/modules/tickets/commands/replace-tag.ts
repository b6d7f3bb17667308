import type { Actor } from '../../../platform/actor.ts'
import { fromJson, toJson } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { insertRows } from '../../../platform/database/prepared.ts'
import { news } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changeTicket } from '../change.ts'
import { ticketTagged, ticketUntagged } from '../events.ts'

/** So many tickets at a time: their rows are locked until the transaction ends. */
const AT_ONCE = 50

/**
 * Gives some of the tickets that carry a tag another one instead, closed ones included; who has that one already loses the first.
 * Answers how many it took, and whether there were no more.
 */
export async function replaceTag(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { from, to }: { from: string; to: string },
): Promise<{ processed: number; done: boolean }> {
  const carriers = tx.db.selectFrom('ticket_tags').select('ticket_id').where('tag', '=', from).orderBy('ticket_id')
  const ids = (await carriers.limit(AT_ONCE).execute()).map(({ ticket_id }) => ticket_id)
  if (ids.length === 0) return { processed: 0, done: true }
  // As they are once their rows are locked: somebody may have taken the tag off, or given the other one, meanwhile.
  const rows = tx.db.selectFrom('tickets').selectAll().where('id', 'in', ids).orderBy('id')
  const tagged = (await forUpdate(tx.db, rows).execute())
    .map((ticket) => ({ ticket, tags: fromJson<string[]>(ticket.tags) }))
    .filter(({ tags }) => tags.includes(from))
  await tx.db.deleteFrom('ticket_tags').where('tag', '=', from).where('ticket_id', 'in', ids).execute()
  await insertRows(
    tx.db,
    'ticket_tags',
    tagged.filter(({ tags }) => !tags.includes(to)).map(({ ticket }) => ({ ticket_id: ticket.id, tag: to })),
  )
  for (const { ticket, tags } of tagged)
    await changeTicket(tx, actor, ticket, {
      set: { tags: toJson([...new Set(tags.map((tag) => (tag === from ? to : tag)))].sort()) },
      announce: [
        news(ticketUntagged, { visibility: 'internal', data: { tags: [from] } }),
        ...(tags.includes(to) ? [] : [news(ticketTagged, { visibility: 'internal', data: { tags: [to] } })]),
      ],
    })
  return { processed: tagged.length, done: ids.length < AT_ONCE }
}

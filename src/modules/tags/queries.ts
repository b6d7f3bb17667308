import { sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { fromJson } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { scopeValues, seesStaffSide } from '../tickets/index.ts'
import type { Tag } from './schema.ts'
import { RENAME } from './tag-job.ts'

/** The highest letter that there is: what begins with a text lies between it and it with this behind. */
const LAST_LETTER = '\u{10ffff}'

/** The tags of the tickets whose staff side an actor sees, by name, one more than `limit`. */
export async function listTags(
  db: Reader,
  actor: Actor,
  { prefix, after, limit }: { prefix: string; after: string | undefined; limit: number },
): Promise<Tag[]> {
  const rows = await db
    .selectFrom('ticket_tags')
    .innerJoin('tickets', 'tickets.id', 'ticket_tags.ticket_id')
    .select(['ticket_tags.tag', sql<number>`count(*)`.as('ticket_count')])
    .where(seesStaffSide(scopeValues(actor), actor))
    .$if(prefix !== '', (query) =>
      query.where('ticket_tags.tag', '>=', prefix).where('ticket_tags.tag', '<=', prefix + LAST_LETTER),
    )
    .$if(after !== undefined, (query) => query.where('ticket_tags.tag', '>', after ?? ''))
    .groupBy('ticket_tags.tag')
    .orderBy('ticket_tags.tag')
    .limit(limit + 1)
    .execute()
  return rows.map(({ tag, ticket_count }) => ({ object: 'tag', name: tag, ticket_count: Number(ticket_count) }))
}

/** How many tickets carry a tag. */
export async function countTagged(db: Reader, tag: string): Promise<number> {
  const counted = db.selectFrom('ticket_tags').select(sql<number>`count(*)`.as('total')).where('tag', '=', tag)
  return Number((await counted.executeTakeFirstOrThrow()).total)
}

/** Whether a job that is not done has to do with one of these tags. */
export async function isBusy(db: Reader, tags: readonly string[]): Promise<boolean> {
  const running = db.selectFrom('jobs').select('params').where('kind', '=', RENAME).where('state', '=', 'running')
  return (await running.execute()).some(({ params }) => {
    const { from, to } = fromJson<{ from: string; to: string }>(params)
    return tags.includes(from) || tags.includes(to)
  })
}

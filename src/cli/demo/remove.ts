import { setTimeout as wait } from 'node:timers/promises'
import type { App } from '../../app.ts'
import { purgeAccounts } from '../../modules/accounts/index.ts'
import { purgeAssignments } from '../../modules/assignment/index.ts'
import { purgeDrafts } from '../../modules/conversation/index.ts'
import { purgeQueues } from '../../modules/desk/index.ts'
import { purgePeople } from '../../modules/directory/index.ts'
import { purgeLinks } from '../../modules/links/index.ts'
import { purgeMacros } from '../../modules/macros/index.ts'
import { purgeOutbox } from '../../modules/mail/index.ts'
import { purgeMerges } from '../../modules/merging/index.ts'
import { purgePreferences } from '../../modules/notifications/index.ts'
import { purgeMarks } from '../../modules/reading/index.ts'
import { purgeMails } from '../../modules/sending/index.ts'
import { deleteTicket, purgeTickets } from '../../modules/tickets/index.ts'
import { purgeViews } from '../../modules/views/index.ts'
import { systemActor } from '../../platform/actor.ts'
import { foldEmail } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { purgeLog } from '../../platform/purge-log.ts'
import type { ProgressBar } from '../progress.ts'
import { findMarked, type Marked } from './cast.ts'
import { requireNothingInTheWay } from './in-the-way.ts'

/** Everything that is of the demo. */
export interface Demo extends Marked {
  tickets: readonly { id: string; number: number; deleted_at: number | null }[]
}

/** What was taken out. */
export interface Removed {
  tickets: number
  users: number
  /** What people who are not of the demo wrote in its tickets, and went with them. */
  others_messages: number
  rows: number
}

/** What is of the demo: what bears its mark, and the tickets of its requesters. */
export async function findDemo(db: Reader): Promise<Demo> {
  const marked = await findMarked(db)
  const ids = marked.users.map(({ id }) => id)
  const tickets =
    ids.length === 0
      ? []
      : await db.selectFrom('tickets').select(['id', 'number', 'deleted_at']).where('requester_id', 'in', ids).execute()
  return { ...marked, tickets }
}

/**
 * Takes the demo out. First each ticket is deleted as an admin deletes it: who listens hears of it, and what hangs on it goes with it. Then
 * everything that is left goes in one transaction, and the desk is as if the demo had never been there; only the numbers that it used are
 * not given out again. Cut off, it is gone on with by the next try.
 */
export async function removeDemo(
  app: App,
  {
    progress,
    tellingMs = 2000,
  }: {
    progress: (total: number) => ProgressBar
    /** So long other nodes have to tell those who listen that the tickets are gone, before what says so goes, too. */
    tellingMs?: number
  },
): Promise<Removed> {
  const { database, transact } = app
  const demo = await findDemo(database.reader)
  await requireNothingInTheWay(database.reader, demo)
  const others_messages = await countOthersMessages(database.reader, demo)
  const living = demo.tickets.filter(({ deleted_at }) => deleted_at === null)
  const bar = progress(living.length)
  try {
    for (const [done, { id }] of living.entries()) {
      await transact((tx) => deleteTicket(tx, systemActor, { ticket: id }))
      bar.at(done + 1)
    }
    await app.settle()
    if (living.length > 0) await wait(tellingMs)
    const rows = await transact((tx) => purgeDemo(tx.db, demo))
    app.accounts.forgetActors()
    return { tickets: demo.tickets.length, users: demo.users.length, others_messages, rows }
  } finally {
    bar.end()
  }
}

async function purgeDemo(db: Reader, demo: Demo): Promise<number> {
  const user_ids = demo.users.map(({ id }) => id)
  const ticket_ids = demo.tickets.map(({ id }) => id)
  const queue_ids = demo.queues.map(({ id }) => id)
  const category_ids = demo.categories.map(({ id }) => id)
  const addresses = demo.users.map(({ email }) => email)
  const address_keys = addresses.map(foldEmail)
  const subject_ids = [
    ...[...user_ids, ...queue_ids, ...category_ids, ...demo.organizations],
    ...(await subjectsOf(db, { user_ids, ticket_ids, address_keys })),
  ]
  let rows = await purgeLog(db, { ticket_ids, actor_ids: user_ids, subject_ids })
  rows += await purgeMails(db, { ticket_ids, address_keys })
  rows += await purgeOutbox(db, { ticket_ids, addresses })
  rows += await purgePreferences(db, { user_ids, ticket_ids })
  rows += await purgeMarks(db, { ticket_ids, user_ids })
  rows += await purgeDrafts(db, { ticket_ids, user_ids })
  rows += await purgeMerges(db, ticket_ids)
  rows += await purgeLinks(db, ticket_ids)
  rows += await purgeAssignments(db, { user_ids, ticket_ids, queue_ids })
  rows += await purgeMacros(db, user_ids)
  rows += await purgeViews(db, user_ids)
  rows += await purgeTickets(db, demo.tickets)
  rows += await purgeAccounts(db, user_ids)
  rows += await purgeQueues(db, { queue_ids, category_ids })
  return rows + (await purgePeople(db, { user_ids, organization_ids: demo.organizations }))
}

/** What else events may be about that goes with the demo. */
async function subjectsOf(
  db: Reader,
  { user_ids, ticket_ids, address_keys }: { user_ids: string[]; ticket_ids: string[]; address_keys: string[] },
): Promise<string[]> {
  if (user_ids.length === 0) return []
  const found = [
    await db.selectFrom('suppressions').select('id').where('address_key', 'in', address_keys).execute(),
    await db.selectFrom('outbound_mails').select('id').where('to_key', 'in', address_keys).execute(),
    await db.selectFrom('views').select('id').where('owner_id', 'in', user_ids).execute(),
    await db.selectFrom('macros').select('id').where('owner_id', 'in', user_ids).execute(),
    await db.selectFrom('sessions').select('id').where('user_id', 'in', user_ids).execute(),
  ]
  for (let from = 0; from < ticket_ids.length; from += 500) {
    const some = ticket_ids.slice(from, from + 500)
    found.push(await db.selectFrom('outbound_mails').select('id').where('ticket_id', 'in', some).execute())
    // A merge can be undone for a time, for which it has a timer.
    found.push(await db.selectFrom('ticket_merges').select('id').where('ticket_id', 'in', some).execute())
  }
  return [...new Set(found.flat().map(({ id }) => id))]
}

async function countOthersMessages(db: Reader, { users, tickets }: Demo): Promise<number> {
  const ours = users.map(({ id }) => id)
  let total = 0
  for (let from = 0; from < tickets.length; from += 500) {
    const ids = tickets.slice(from, from + 500).map(({ id }) => id)
    const { count } = await db
      .selectFrom('messages')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('ticket_id', 'in', ids)
      .where('author_id', 'not in', ours)
      .executeTakeFirstOrThrow()
    total += Number(count)
  }
  return total
}

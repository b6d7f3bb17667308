import type { Reader } from '../../platform/database/schema.ts'
import { CommandFailed, exitCodes } from '../exit.ts'
import { findMarked } from './cast.ts'
import { MARK } from './people.ts'
import { TICKETS } from './plan.ts'

// Addresses that can never be anybody's (RFC 2606).
const NOBODYS = /(^|[.@])(example|test|invalid|localhost|example\.(com|net|org))$/

/** Whether the demo is there already: whole, in part because an earlier run was cut off, or not at all. */
export async function demoIn(db: Reader): Promise<'whole' | 'cut off' | 'absent'> {
  const { users } = await findMarked(db)
  if (users.length === 0) return 'absent'
  const { count } = await db
    .selectFrom('tickets')
    .innerJoin('users', 'users.id', 'tickets.requester_id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('users.external_id', 'like', `${MARK}%`)
    .executeTakeFirstOrThrow()
  return Number(count) >= TICKETS ? 'whole' : 'cut off'
}

/** Refuses a desk on which the demo would stand in somebody's way: one with rules that move tickets; one with real people, unless that is `allowed`. */
export async function requireRoom(db: Reader, { isAllowed }: { isAllowed: boolean }): Promise<void> {
  const rules = await db
    .selectFrom('routing_rules')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('enabled', '=', 1)
    .executeTakeFirstOrThrow()
  if (Number(rules.count) > 0)
    throw new CommandFailed(
      'This desk has routing rules, which would send the tickets of the demo to your people: switch them off first, or try it on another desk (--data-dir ./demo-data).',
    )
  if (isAllowed) return
  const people = await realPeople(db)
  if (people.length === 0) return
  const some = people.slice(0, 3).join(', ')
  const named = people.length > 3 ? `${some} and ${people.length - 3} more` : some
  throw new CommandFailed(
    `There are real people on this desk (${named}), and the demo would put 43 invented ones with ${TICKETS} tickets among them. Try it on another desk (--data-dir ./demo-data), or give --among-real-people: nobody gets mail by it, and \`beckon demo --remove\` takes it out again.`,
    { exitCode: exitCodes.misused },
  )
}

/** The addresses of those who are no admins, as whoever tries Beckon is one, and who could exist. */
async function realPeople(db: Reader): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .select(['email', 'email_key', 'external_id'])
    .where('role', '<>', 'admin')
    .orderBy('created_at')
    .execute()
  return rows.filter(({ email_key }) => !NOBODYS.test(email_key)).map(({ email }) => email)
}

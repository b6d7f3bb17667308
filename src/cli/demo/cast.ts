import { createCategory, createQueue } from '../../modules/desk/index.ts'
import { createOrganization, createUser } from '../../modules/directory/index.ts'
import { suppressAddress } from '../../modules/sending/index.ts'
import { systemActor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Transact } from '../../platform/transaction.ts'
import type { Cast } from './desk.ts'
import { agents, companies, MARK, requesters } from './people.ts'
import { type CategoryName, categoryNames, type QueueName } from './story.ts'

const queues: readonly { name: QueueName; title: string }[] = [
  { name: 'orders', title: 'Orders and delivery' },
  { name: 'repairs', title: 'Workshop' },
  { name: 'billing', title: 'Invoices and accounts' },
]

/** Everything by which the demo is known again, as it is in the database: all of it bears the mark. */
export interface Marked {
  users: readonly { id: string; name: string; role: string; email: string; external_id: string }[]
  organizations: readonly string[]
  queues: readonly { id: string; external_id: string }[]
  categories: readonly { id: string; external_id: string }[]
}

/** What bears the demo's mark. */
export async function findMarked(db: Reader): Promise<Marked> {
  const [users, organizations, queues, categories] = [
    await db
      .selectFrom('users')
      .select(['id', 'name', 'role', 'email', 'external_id'])
      .where('external_id', 'like', `${MARK}%`)
      .execute(),
    await db.selectFrom('organizations').select('id').where('external_id', 'like', `${MARK}%`).execute(),
    await db.selectFrom('queues').select(['id', 'external_id']).where('external_id', 'like', `${MARK}%`).execute(),
    await db.selectFrom('categories').select(['id', 'external_id']).where('external_id', 'like', `${MARK}%`).execute(),
  ]
  return {
    users: marked(users),
    organizations: organizations.map(({ id }) => id),
    queues: marked(queues),
    categories: marked(categories),
  }
}

function marked<R extends { external_id: string | null }>(rows: readonly R[]): (R & { external_id: string })[] {
  // Found by what it begins with, so it is there.
  return rows as (R & { external_id: string })[]
}

/** The cast of a demo that is there. */
export function castOf({ users, queues, categories }: Marked): Cast {
  const by = <K extends string>(rows: readonly { id: string; external_id: string }[], kind: string) =>
    // Written below, with these names.
    new Map(rows.map(({ id, external_id }) => [external_id.slice(`${MARK}${kind}:`.length) as K, id]))
  return {
    users: by(users, 'person'),
    queues: by<QueueName>(queues, 'queue'),
    categories: by<CategoryName>(categories, 'category'),
  }
}

/** Brings the people of the demo in, their companies, and where their tickets go. No mail ever goes to any of the addresses. */
export async function bringCast(transact: Transact): Promise<Cast> {
  return transact(async (tx) => {
    const organizations = new Map<string, string>()
    for (const { key, name } of companies)
      organizations.set(key, (await createOrganization(tx, systemActor, { name, external_id: `${MARK}company:${key}` })).id)
    const users = new Map<string, string>()
    for (const person of [...agents, ...requesters]) {
      const organization_id = person.company === null ? null : organizations.get(person.company)
      const { id } = await createUser(tx, systemActor, {
        role: 'speaks' in person ? 'agent' : 'requester',
        name: person.name,
        email: person.email,
        email_is_proven: true,
        locale: person.language,
        time_zone: person.time_zone,
        ...(organization_id ? { organization_id, organization_role: person.isManager ? 'manager' : 'member' } : {}),
        external_id: `${MARK}person:${person.key}`,
      })
      users.set(person.key, id)
      await suppressAddress(tx, systemActor, {
        address: person.email,
        reason: 'manual',
        detail: 'Somebody of the demo: there is no such address.',
        outbound_mail_id: null,
      })
    }
    const queueIds = new Map<QueueName, string>()
    for (const { name, title } of queues) {
      const queue = { key: `demo-${name}`, name: title, public: true, external_id: `${MARK}queue:${name}` }
      queueIds.set(name, (await createQueue(tx, systemActor, queue)).id)
    }
    const categories = new Map<CategoryName, string>()
    for (const name of categoryNames)
      categories.set(name, (await createCategory(tx, systemActor, { name, external_id: `${MARK}category:${name}` })).id)
    return { users, queues: queueIds, categories }
  })
}

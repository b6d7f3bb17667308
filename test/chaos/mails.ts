// The mails that the chaos of mail owes and writes.
import type { Compose } from '../../src/modules/sending/index.ts'
import { queueMail } from '../../src/modules/sending/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { createTransactor } from '../../src/platform/transaction.ts'

const BATCH = 200

/** Writes every mail. */
export const chaosLetters: Compose = async (_db, row) => ({
  from: { name: 'Support', address: 'help@desk.example' },
  reply_to: null,
  to: { name: 'Somebody', address: row.to_address },
  subject: `About ${row.id}`,
  text: 'Something happened.\n'.repeat(40),
  html: `<p>${'Something happened. '.repeat(40)}</p>`,
  ...{ in_reply_to: null, references: [], list_unsubscribe: null },
  auto_submitted: 'auto-generated',
  language: 'en',
})

/** Owes one mail to each address; answers their Message-IDs. */
export async function oweAll(database: Database, addresses: readonly string[]): Promise<Set<string>> {
  const transact = createTransactor({ database, clock: systemClock, reactions: [], onCommit: () => {} })()
  const owed = new Set<string>()
  for (let at = 0; at < addresses.length; at += BATCH)
    await transact(async (tx) => {
      for (const [i, address] of addresses.slice(at, at + BATCH).entries()) {
        const facts = { mailbox_id: null, ticket_id: null, message_id: null, event_id: null }
        const row = await queueMail(tx, {
          ...{ key: `chaos:${at + i}`, kind: 'chaos', automatic: true, ...facts },
          to: { user_id: null, address, address_key: address },
          header_id: (id) => `<${id}@desk.example>`,
        })
        if (row) owed.add(row.header_id)
      }
    })
  return owed
}

/** How many mails are in each state. */
export async function statesIn(database: Database): Promise<Record<string, number>> {
  const rows = await database.reader
    .selectFrom('outbound_mails')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Desk, type Json, openDesk } from '../../../test/desk.ts'
import { insertRow } from '../../platform/database/prepared.ts'
import type { Delivery } from '../../platform/events.ts'
import type { Transact } from '../../platform/transaction.ts'
import { createMailKeys } from '../mail/index.ts'
import { messageCreated } from '../messages/index.ts'
import { ticketAssigned } from '../tickets/index.ts'
import { told } from './acts.ts'
import { blank } from './commands/keep-preferences.ts'
import { notificationReactions } from './reactions.ts'

/** Resolves when somebody waits for a row that another transaction holds, or has ended. On SQLite the writer is alone: there nobody waits so. */
async function untilWaiting(desk: Desk, other: Promise<void>): Promise<void> {
  let isOver = false
  const ended = () => {
    isOver = true
  }
  other.then(ended, ended)
  const held = `select count(*) as n from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id
    where t.trx_state = 'LOCK WAIT' and p.db = database()`
  for (let tries = 0; !isOver && tries < 100 && desk.database.engine !== 'sqlite'; tries++) {
    const [row] = await desk.query(held)
    if (Number(row?.n) > 0) return
    // The server looks anew only when nobody has asked for 100 ms.
    await wait(120)
  }
}

/** A desk of two nodes: the second decides an act that the first has decided and not yet committed. */
async function openTwoNodes(t: Parameters<typeof openDesk>[0]) {
  const events: Delivery['event'][] = []
  const watch = { name: 'test.watch', on: told, handle: async ({ event }: Delivery) => void events.push(event) }
  const desk = await openDesk(t, { more: { reactions: [watch] } })
  const { clock } = desk
  const other = await desk.node({ now: clock.now }, {})
  const postmark = { keys: createMailKeys(desk.secrets), domain: 'desk.example' }
  const decide = async (transact: Transact, event: Delivery['event']): Promise<void> => {
    const ground = { database: desk.database, transact }
    const [reaction] = notificationReactions({ ground, postmark })
    await reaction?.handle({ id: 'dlv_test', attempt: 1, event })
  }
  return {
    desk,
    /** Has the last act that begins so decided anew, by both nodes at once. */
    async decideTwice(type: string, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
      await desk.settle()
      const event = events.toSorted((a, b) => (a.id < b.id ? -1 : 1)).findLast((one) => one.type === type)
      assert.ok(event)
      await desk.database.write(async (db) => {
        await db.deleteFrom('outbound_mails').where('event_id', '=', event.id).execute()
        await db.deleteFrom('digest_items').where('event_id', '=', event.id).execute()
      })
      const decided = Promise.withResolvers<void>()
      const commit = Promise.withResolvers<void>()
      const first = decide(
        (work) =>
          desk.app.transact(async (tx) => {
            const done = await work(tx)
            decided.resolve()
            await commit.promise
            return done
          }),
        event,
      )
      await decided.promise
      await meanwhile()
      const second = decide(other.app.transact, event)
      await untilWaiting(desk, second)
      commit.resolve()
      await Promise.all([first, second])
    },
    async owed(user: { id: string }): Promise<{ mails: number; items: number }> {
      const count = async (sql: string) => Number(((await desk.query(sql, [user.id])) as Json[])[0].n)
      return {
        mails: await count('select count(*) as n from outbound_mails where user_id = ?'),
        items: await count('select count(*) as n from digest_items where user_id = ?'),
      }
    },
  }
}

test('two nodes that decide the same act at once owe each person one thing, though the first spends the last of a budget', async (t) => {
  const { desk, decideTwice, owed } = await openTwoNodes(t)
  const admin = await desk.person({ role: 'admin' })
  const bob = await desk.person({ role: 'agent' })
  const { id } = (await admin.post('/v1/tickets', { subject: 'Printer', body: 'x' })).body
  await desk.settle()
  for (let i = 0; i < 10; i++) {
    await admin.patch(`/v1/tickets/${id}`, { assignee_id: null })
    await admin.patch(`/v1/tickets/${id}`, { assignee_id: bob.id })
  }
  await desk.settle()
  assert.deepEqual(await owed(bob), { mails: 10, items: 0 })

  await decideTwice(ticketAssigned.type)

  assert.deepEqual(await owed(bob), { mails: 10, items: 0 })
})

test('two nodes owe each person one thing, though he changed his mind between their looks', async (t) => {
  const { desk, decideTwice, owed } = await openTwoNodes(t)
  const admin = await desk.person({ role: 'admin' })
  const bob = await desk.person({ role: 'agent' })
  const { id } = (await admin.post('/v1/tickets', { subject: 'Printer', body: 'x' })).body
  await desk.settle()
  await admin.put(`/v1/tickets/${id}/participants/${bob.id}`, { role: 'follower' })
  await admin.post(`/v1/tickets/${id}/messages`, { body: 'Hm.', visibility: 'internal' })
  await desk.settle()
  const before = await owed(bob)

  // On SQLite nobody can write between.
  await decideTwice(messageCreated.type, async () => {
    if (desk.database.engine === 'sqlite') return
    await desk.database.write(async (db) => {
      const choices = JSON.stringify({ note: 'digest' })
      await insertRow(db, 'notification_preferences', { ...blank(bob.id, desk.clock.now()), choices })
    })
  })

  assert.deepEqual(await owed(bob), before)
})

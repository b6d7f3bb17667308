// What a timer of the chaos scripts does: it leaves a row and an event, in the transaction that takes the timer away.
import { Type } from 'typebox'
import { systemActor } from '../../src/platform/actor.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { connectionOf } from '../../src/platform/database/connection.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { defineEvent } from '../../src/platform/events.ts'
import type { TimerKind } from '../../src/platform/timers.ts'

export const kind = 'chaos.ring'
export const rang = defineEvent('chaos.rang', Type.Object({}))

/** Each firing is a row: no key keeps a second one out. */
export async function prepareRings({ write }: Database): Promise<void> {
  await write(async (db) => {
    const table =
      'chaos_rings (subject_id varchar(64) not null, due_at bigint not null, fired_at bigint not null, pid bigint not null)'
    await connectionOf(db).query(`create table if not exists ${table}`, [])
  })
}

/** Rings. `onRung` is told when it has been committed. */
export function ringer(onRung: (subject_id: string, committed_at: number) => void): TimerKind {
  return {
    name: kind,
    async fire(tx, { subject_id, due_at }) {
      const values = [subject_id, due_at, tx.now, process.pid]
      await connectionOf(tx.db).query('insert into chaos_rings (subject_id, due_at, fired_at, pid) values (?, ?, ?, ?)', values)
      tx.announce(rang, {
        actor: systemActor,
        subject: { type: 'chaos', id: subject_id, version: 1 },
        visibility: 'internal',
        data: {},
      })
      tx.afterCommit(() => onRung(subject_id, systemClock.now()))
    },
  }
}

export interface Ring {
  subject_id: string
  due_at: number
  fired_at: number
  pid: number
}

export async function ringsIn({ reader }: Database): Promise<Ring[]> {
  const { rows } = await connectionOf(reader).query('select subject_id, due_at, fired_at, pid from chaos_rings', [])
  // The columns that `prepareRings` made.
  return rows as unknown as Ring[]
}

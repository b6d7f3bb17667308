import { type Actor, isStaff } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { FieldError } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import { attachmentsKeptBy, copyAttachments, keepAttachments } from '../attachments/index.ts'
import type { Fault } from './faults.ts'
import { contentOf, kinds, type MessageTemplate } from './macro.ts'
import { visibleMacros } from './queries.ts'
import type { MacroKind, MacroRow } from './tables.ts'

// What is attached here is kept here, and whoever uses it gets copies: a message names a file of its own, which goes with it.

const pointerOf = (kind: MacroKind): string => (kind === 'macro' ? '/message/attachment_ids' : '/attachment_ids')

/** Keeps the files of what an actor saves: his own uploads, and those that are in it already, whoever put them there. */
export async function keepFiles(tx: Tx, actor: Actor, row: Pick<MacroRow, 'id' | 'kind' | 'message' | 'changes'>): Promise<void> {
  const { message } = contentOf(row)
  await keepAttachments(tx, actor, { keeper_id: row.id, ids: message?.attachment_ids ?? [], pointer: pointerOf(row.kind) })
}

/** The files of something that is deleted are uploads again, which go with the sweep. */
export async function releaseFiles(tx: Tx, actor: Actor, { id }: Pick<MacroRow, 'id'>): Promise<void> {
  await keepAttachments(tx, actor, { keeper_id: id, ids: [], pointer: '' })
}

/** What is wrong with the files of each of these. */
export async function findFileFaults(db: Reader, rows: readonly MacroRow[]): Promise<Fault[][]> {
  const named = rows.map((row) => contentOf(row).message?.attachment_ids ?? [])
  const keepers = rows.filter((_, i) => (named[i]?.length ?? 0) > 0)
  const kept = await attachmentsKeptBy(
    db,
    keepers.map(({ id }) => id),
  )
  const states = new Map(kept.map(({ id, scan_state }) => [id, scan_state]))
  return rows.map(({ kind }, i) =>
    (named[i] ?? []).flatMap((id, place): Fault[] => {
      const state = states.get(id)
      return state !== undefined && state !== 'infected' ? [] : [lostAt(`${pointerOf(kind)}/${place}`)]
    }),
  )
}

function lostAt(pointer: string): Fault {
  return { pointer, code: 'not_found', detail: 'This file was removed, or found to be harmful.' }
}

/** Copies of the files of a message for who writes it now, or what is wrong with them. */
export async function copyFiles(
  tx: Tx,
  actor: Actor,
  { macro, message }: { macro: Pick<MacroRow, 'id' | 'kind'>; message: MessageTemplate },
): Promise<{ attachment_ids: string[] } | { errors: FieldError[] }> {
  const { attachment_ids: ids } = message
  if (ids.length === 0) return { attachment_ids: [] }
  const copies = await copyAttachments(tx, actor, { keeper_id: macro.id, ids })
  const errors = copies.flatMap((one, i) => (one ? [] : [lostAt(`${pointerOf(macro.kind)}/${i}`)]))
  return errors.length > 0 ? { errors } : { attachment_ids: copies.flatMap((one) => (one ? [one.id] : [])) }
}

/** Whether somebody sees the canned reply or macro of this id: with it he sees its files. */
export async function seesMacro(db: Reader, actor: Actor, id: string): Promise<boolean> {
  if (!isStaff(actor)) return false
  const kind = id.startsWith(kinds.macro.prefix) ? 'macro' : 'canned_reply'
  return (await visibleMacros(db, actor, kind).where('macros.id', '=', id).executeTakeFirst()) !== undefined
}

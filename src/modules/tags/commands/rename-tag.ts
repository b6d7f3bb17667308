import type { Actor } from '../../../platform/actor.ts'
import { invalidField, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { foldTag, lockSettings } from '../../desk/index.ts'
import { type JobRow, startJob } from '../../jobs/index.ts'
import { isTagInRules, renameTagInRules } from '../../routing/index.ts'
import { tagRenamed } from '../events.ts'
import { TagBusy, TagExists } from '../problems.ts'
import { countTagged, isBusy } from '../queries.ts'
import { RENAME } from '../tag-job.ts'

interface Names {
  from: string
  to: string
}

/** Gives a tag a name that no other has: at once in the rules, and by a job in the tickets. */
export async function renameTag(tx: Tx, actor: Actor, given: Names): Promise<JobRow> {
  const names = { from: foldTag(given.from), to: foldTag(given.to) }
  const total = await requireTag(tx, names)
  if (await isKnown(tx, names.to)) throw TagExists({ errors: [{ pointer: '/name', code: 'taken', detail: TagExists.title }] })
  return replaceEverywhere(tx, actor, { ...names, total, merged: false })
}

/** Makes one tag of two: what carried the first carries the second. */
export async function mergeTag(tx: Tx, actor: Actor, given: Names): Promise<JobRow> {
  const names = { from: foldTag(given.from), to: foldTag(given.to) }
  const total = await requireTag(tx, names)
  if (names.from === names.to) throw invalidField('/into', 'same_tag', 'A tag cannot be merged into itself.')
  if (!(await isKnown(tx, names.to))) throw invalidField('/into', 'not_found', 'There is no such tag.')
  return replaceEverywhere(tx, actor, { ...names, total, merged: true })
}

/** The tag that is to go, and nobody else renames either until the transaction ends; how many tickets carry it. */
async function requireTag(tx: Tx, { from, to }: Names): Promise<number> {
  await lockSettings(tx)
  const total = await countTagged(tx.db, from)
  if (total === 0 && !(await isTagInRules(tx.db, from))) throw NotFound()
  // Two jobs that turn the same tags round would never come to an end.
  if (await isBusy(tx.db, [from, to])) throw TagBusy()
  return total
}

async function isKnown(tx: Tx, tag: string): Promise<boolean> {
  return (await countTagged(tx.db, tag)) > 0 || isTagInRules(tx.db, tag)
}

async function replaceEverywhere(
  tx: Tx,
  actor: Actor,
  { total, merged, ...names }: Names & { total: number; merged: boolean },
): Promise<JobRow> {
  const job = await startJob(tx, actor, { kind: RENAME, params: names, total })
  // First the rules, so that no ticket gets the old tag while the job runs.
  await renameTagInRules(tx, actor, names)
  tx.announce(tagRenamed, {
    actor,
    subject: { type: 'job', id: job.id, version: job.version },
    visibility: 'internal',
    data: { ...names, merged },
  })
  return job
}

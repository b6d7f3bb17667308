import type { Static } from 'typebox'
import { fromJson } from '../../../platform/codecs.ts'
import { type FieldError, ValidationFailed } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type Definition, faultsOf, misplacement, type StatusCategory, type Transition } from '../lifecycle.ts'
import type { NewLifecycle } from '../schema.ts'

/** Steps as they are kept. */
export function stepsOf(transitions: Static<typeof NewLifecycle>['transitions']): Transition[] {
  return transitions.map(({ required_fields = [], ...step }) => ({ ...step, required_fields }))
}

/** Throws 422 with everything that is wrong with a definition; of its mappings those that are `given` now name what is there. */
export async function requireSound(tx: Tx, definition: Definition, { given }: { given: Definition['mappings'] }): Promise<void> {
  refuse([...faultsOf(definition), ...(await faultsOfMappings(tx, definition, given))])
}

export function refuse(faults: readonly FieldError[]): void {
  if (faults.length === 0) return
  const errors = faults.slice(0, 20)
  throw ValidationFailed({ detail: errors.map(({ detail }) => detail).join(' '), errors })
}

async function faultsOfMappings(tx: Tx, { statuses }: Definition, mappings: Definition['mappings']): Promise<FieldError[]> {
  if (mappings.length === 0) return []
  const ids = [...new Set(mappings.map(({ from_lifecycle_id }) => from_lifecycle_id))]
  const rows = await tx.db.selectFrom('lifecycles').select(['id', 'definition']).where('id', 'in', ids).execute()
  const known = new Map(rows.map(({ id, definition }) => [id, fromJson<Definition>(definition)]))
  return mappings.flatMap(({ from_lifecycle_id, from_status, to_status }, i) => {
    const from = known.get(from_lifecycle_id)
    if (!from) return [{ pointer: `/mappings/${i}/from_lifecycle_id`, code: 'not_found', detail: 'There is no such lifecycle.' }]
    const [before, after] = [categoryIn(from.statuses, from_status), categoryIn(statuses, to_status)]
    const detail = before && after && misplacement(before, after)
    return detail ? [{ pointer: `/mappings/${i}/to_status`, code: 'wrong_category', detail }] : []
  })
}

function categoryIn(statuses: Definition['statuses'], key: string): StatusCategory | undefined {
  return statuses.find((status) => status.key === key)?.category
}

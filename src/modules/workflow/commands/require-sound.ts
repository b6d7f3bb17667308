import type { Static } from 'typebox'
import { type FieldError, invalidFields } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type Definition, faultsOf, type Transition } from '../lifecycle.ts'
import type { NewLifecycle } from '../schema.ts'

/** Steps as they are kept. */
export function stepsOf(transitions: Static<typeof NewLifecycle>['transitions']): Transition[] {
  return transitions.map(({ required_fields = [], ...step }) => ({ ...step, required_fields }))
}

/** Throws 422 with everything that is wrong with a definition. */
export async function requireSound(tx: Tx, definition: Definition): Promise<void> {
  refuse([...faultsOf(definition), ...(await faultsOfMappings(tx, definition))])
}

export function refuse(faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalidFields(faults)
}

async function faultsOfMappings(tx: Tx, { mappings }: Definition): Promise<FieldError[]> {
  if (mappings.length === 0) return []
  const ids = [...new Set(mappings.map(({ from_lifecycle_id }) => from_lifecycle_id))]
  const rows = await tx.db.selectFrom('lifecycles').select('id').where('id', 'in', ids).execute()
  const known = new Set(rows.map(({ id }) => id))
  return mappings.flatMap(({ from_lifecycle_id }, i) =>
    known.has(from_lifecycle_id)
      ? []
      : [{ pointer: `/mappings/${i}/from_lifecycle_id`, code: 'not_found', detail: 'There is no such lifecycle.' }],
  )
}

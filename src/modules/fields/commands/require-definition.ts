import { forShare } from '../../../platform/database/dialect.ts'
import { ValidationFailed } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type Mistake, mistakesIn } from '../definition.ts'
import type { Definition } from '../field.ts'
import { holdReference } from './hold-reference.ts'

/** Refuses a definition in which something does not go together, or that names what is not there. */
export async function requireDefinition(
  tx: Tx,
  field: Definition,
  { new_type_ids, isNewDefault }: { new_type_ids: readonly string[]; isNewDefault: boolean },
): Promise<void> {
  const mistakes: Mistake[] = mistakesIn(field)
  for (const id of await missingTicketTypes(tx, new_type_ids))
    mistakes.push({
      pointer: `/type_ids/${new_type_ids.indexOf(id)}`,
      code: 'not_found',
      detail: 'There is no such ticket type.',
    })
  // Whom an older default names may have gone since: a new ticket then gets none.
  if (mistakes.length === 0 && isNewDefault && field.default !== null && !(await holdReference(tx, field.type, field.default)))
    mistakes.push({ pointer: '/default', code: 'not_found', detail: `There is no such ${field.type}.` })
  if (mistakes.length > 0)
    throw ValidationFailed({ detail: mistakes.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '), errors: mistakes })
}

/** Which of these types there are not; those that there are stay until the transaction ends. */
async function missingTicketTypes(tx: Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const found = await forShare(tx.db, tx.db.selectFrom('ticket_types').select('id').where('id', 'in', ids)).execute()
  return ids.filter((id) => !found.some((type) => type.id === id))
}

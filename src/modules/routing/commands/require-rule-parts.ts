import { type FieldError, invalidFields } from '../../../platform/problems.ts'
import { searchWords } from '../../../platform/search-words.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findCategory, findQueue, foldTags, isUsableQueue } from '../../desk/index.ts'
import { findOrganization, findUser } from '../../directory/index.ts'
import type { Actions, Conditions } from '../routing.ts'

/** Checks that what a rule names is there, and keeps it there until the transaction ends; throws 422 with every mistake. */
export async function requireRuleParts(
  tx: Tx,
  { conditions, actions }: { conditions: Conditions; actions: Actions },
): Promise<void> {
  const errors = [
    ...(await missing(conditions.category_ids, {
      of: '/conditions/category_ids',
      detail: 'There is no such category.',
      isThere: async (id) => (await findCategory(tx.db, id, 'for share')) !== undefined,
    })),
    ...(await missing(conditions.organization_ids, {
      of: '/conditions/organization_ids',
      detail: 'There is no such organization.',
      isThere: async (id) => (await findOrganization(tx.db, id, 'for share')) !== undefined,
    })),
    ...(conditions.subject_words ?? []).flatMap((entry, i) =>
      searchWords(entry).length > 0
        ? []
        : [{ pointer: `/conditions/subject_words/${i}`, code: 'no_word', detail: 'There is no word in it.' }],
    ),
    ...(await wrongActions(tx, actions)),
  ]
  if (errors.length > 0) throw invalidFields(errors)
}

async function missing(
  ids: readonly string[] | undefined,
  { of, detail, isThere }: { of: string; detail: string; isThere: (id: string) => Promise<boolean> },
): Promise<FieldError[]> {
  const errors: FieldError[] = []
  for (const [i, id] of (ids ?? []).entries())
    if (!(await isThere(id))) errors.push({ pointer: `${of}/${i}`, code: 'not_found', detail })
  return errors
}

async function wrongActions(tx: Tx, { queue_id, assignee_id }: Actions): Promise<FieldError[]> {
  const errors: FieldError[] = []
  const queue = queue_id === undefined ? undefined : await findQueue(tx.db, queue_id, 'for share')
  if (queue_id !== undefined && !(queue && isUsableQueue(queue)))
    errors.push({ pointer: '/actions/queue_id', code: 'not_found', detail: 'There is no such queue, or it takes no tickets.' })
  const user = assignee_id === undefined ? undefined : await findUser(tx.db, assignee_id)
  if (assignee_id !== undefined && (user?.active !== 1 || user.role === 'requester'))
    errors.push({ pointer: '/actions/assignee_id', code: 'not_an_agent', detail: 'This is not an active agent.' })
  return errors
}

/** The conditions and actions with their tags as tags are kept. */
export function withFoldedTags<C extends Conditions, A extends Actions>(parts: {
  conditions: C
  actions: A
}): {
  conditions: C
  actions: A
} {
  const { conditions, actions } = parts
  return {
    conditions: conditions.tags ? { ...conditions, tags: foldTags(conditions.tags) } : conditions,
    actions: actions.add_tags ? { ...actions, add_tags: foldTags(actions.add_tags) } : actions,
  }
}

import { canonicalLocale } from '../../../platform/locale.ts'
import { invalidField, invalidFields } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { foldTags } from '../../desk/index.ts'
import { findFaults } from '../faults.ts'
import type { Changes, Content } from '../macro.ts'
import type { MacroKind } from '../tables.ts'

/** What is written and changed as it is kept; throws 422 with every mistake. */
export async function requireContent(tx: Tx, { kind, content }: { kind: MacroKind; content: Content }): Promise<Content> {
  const { message, changes } = content
  if (!message && !changes)
    throw invalidField('', 'required', 'A macro writes something, changes something, or both: give `message` or `changes`.')
  const at = kind === 'macro' ? '/message' : ''
  const [faults = []] = await findFaults(tx.db, [content], { at })
  if (faults.length > 0) throw invalidFields(faults)
  const variants = message?.variants.map(({ locale, body }) => ({ locale: canonicalLocale(locale) ?? locale, body })) ?? []
  return { message: message && { ...message, variants }, changes: changes && withFoldedTags(changes) }
}

function withFoldedTags({ add_tags, remove_tags, ...changes }: Changes): Changes {
  const folded = {
    ...(add_tags ? { add_tags: foldTags(add_tags) } : {}),
    ...(remove_tags ? { remove_tags: foldTags(remove_tags) } : {}),
  }
  const both = folded.add_tags?.find((tag) => folded.remove_tags?.includes(tag))
  if (both !== undefined) throw invalidField('/changes/remove_tags', 'not_allowed', `The tag ${both} is added, too.`)
  return { ...changes, ...folded }
}

import type { MailTemplateRow } from './tables.ts'

/** What an admin words of a kind of mail, part by part; null: as it is built in, or as a wider template has it. */
export const templateParts = ['subject', 'greeting', 'body', 'signature'] as const
export type TemplatePart = (typeof templateParts)[number]

/** Stands for all queues, or for all languages. */
export const ANY = '*'

/** The parts that hold for a queue and a reader of this language, and the language of the closest template that says one. */
export function chosenParts(
  rows: readonly Pick<MailTemplateRow, 'queue_id' | 'locale' | TemplatePart>[],
  { queue_id, locale }: { queue_id: string; locale: string },
): { parts: Record<TemplatePart, string | undefined>; locale: string | null } {
  const languages = rangesOf(locale)
  const ranked = rows
    .flatMap((row) => {
      const language = row.locale === ANY ? languages.length : languages.indexOf(row.locale.toLowerCase())
      const isHere = row.queue_id === queue_id || row.queue_id === ANY
      return isHere && language !== -1 ? [{ row, rank: (row.queue_id === ANY ? 1000 : 0) + language }] : []
    })
    .sort((a, b) => a.rank - b.rank)
  const parts: Record<TemplatePart, string | undefined> = {
    subject: undefined,
    greeting: undefined,
    body: undefined,
    signature: undefined,
  }
  for (const { row } of ranked)
    for (const part of templateParts) {
      const text = row[part]
      if (text !== null) parts[part] ??= text
    }
  const closest = ranked.find(({ row }) => row.locale !== ANY)
  return { parts, locale: closest?.row.locale ?? null }
}

/** `de-AT-1996`, `de-AT`, `de`, in lower case. */
function rangesOf(locale: string): string[] {
  const parts = locale.toLowerCase().split('-')
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('-'))
}

import { foldTag } from '../desk/index.ts'

type Filters = Readonly<Record<string, string>>

/** Kept filters with another name for a tag. */
export function withTagRenamed(filters: Filters, { from, to }: { from: string; to: string }): Filters {
  const { tag } = filters
  const tags = tag?.split(',') ?? []
  if (!tags.some((one) => foldTag(one) === from)) return filters
  return { ...filters, tag: [...new Set(tags.map((one) => (foldTag(one) === from ? to : one)))].join() }
}

/** Kept filters after a merge patch (RFC 7396): what is null goes, and parts get their commas. */
export function mergeFilters(before: Filters, changes: Readonly<Record<string, string | string[] | null>>): Filters {
  const merged = new Map(Object.entries(before))
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) merged.delete(name)
    else merged.set(name, typeof value === 'string' ? value : value.join())
  }
  return Object.fromEntries(merged)
}

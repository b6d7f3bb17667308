type Filters = Readonly<Record<string, string>>

/** Kept filters after a merge patch (RFC 7396): what is null goes, and parts get their commas. */
export function mergeFilters(before: Filters, changes: Readonly<Record<string, string | string[] | null>>): Filters {
  const merged = new Map(Object.entries(before))
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) merged.delete(name)
    else merged.set(name, typeof value === 'string' ? value : value.join())
  }
  return Object.fromEntries(merged)
}

import { foldTag } from '../desk/index.ts'

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

/**
 * Kept filters with another name for a tag, in `tag` and in `tag:…` of `q`; undefined where they do not ask for it. A name with a
 * space cannot stand in `q`: there the condition moves to `tag`, if that is free.
 */
export function withTagRenamed(filters: Filters, { from, to }: { from: string; to: string }): Filters | undefined {
  const { tag, q, ...rest } = filters
  const renamedTag = tag === undefined ? undefined : renamed(tag, { from, to })
  let moved: string | undefined
  const renamedQ = q?.split(/(\s+)/).map((part) => {
    const [, values] = /^tag:(.+)$/.exec(part) ?? []
    if (values === undefined || renamed(values, { from, to }) === values) return part
    if (!/\s/.test(to)) return `tag:${renamed(values, { from, to })}`
    if (tag !== undefined || moved !== undefined) return part
    moved = renamed(values, { from, to })
    return ''
  })
  const next: Filters = {
    ...rest,
    ...((renamedTag ?? moved) === undefined ? {} : { tag: renamedTag ?? moved ?? '' }),
    ...(renamedQ === undefined || renamedQ.join('').trim() === ''
      ? {}
      : { q: moved === undefined ? renamedQ.join('') : renamedQ.join('').trim() }),
  }
  return next.tag === tag && next.q === q ? undefined : next
}

/** Names with commas between, as they were written but for the one that changes. */
function renamed(names: string, { from, to }: { from: string; to: string }): string {
  const parts = names.split(',')
  if (!parts.some((name) => foldTag(name) === from)) return names
  return [...new Set(parts.map((name) => (foldTag(name) === from ? to : name)))].join()
}

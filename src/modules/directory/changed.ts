/** The keys of an object, as the wire shows it, in which a change really shows; its stamps aside. */
export function changedKeys(before: object, after: object): string[] {
  const earlier = new Map(Object.entries(before))
  return Object.entries(after)
    .filter(([key, value]) => !STAMPS.has(key) && JSON.stringify(value) !== JSON.stringify(earlier.get(key)))
    .map(([key]) => key)
}

const STAMPS = new Set(['created_at', 'updated_at', 'version'])

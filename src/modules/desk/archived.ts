/** When a thing went out of use, after somebody said whether it is. */
export function archivedAt(
  row: { archived_at: number | null },
  { archived, now }: { archived: boolean | undefined; now: number },
): number | null {
  if (archived === undefined) return row.archived_at
  return archived ? (row.archived_at ?? now) : null
}

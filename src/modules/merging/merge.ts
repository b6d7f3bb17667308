/** How many messages one merge moves, and how many the ticket has that they come into. */
export const MOVED_MAX = 10_000
export const TOGETHER_MAX = 100_000

/** How many of the messages that a merge moved its events name. */
export const NAMED_MAX = 100

/** How long a merge can be undone. */
export const UNDO_MS = 30 * 86_400_000

/** After how long it is forgotten what a merge moved: later than that, whatever another node's clock says. */
export const FORGET_AFTER_MS = UNDO_MS + 86_400_000

/** Until when a merge can be undone; null when it was. */
export function undoneUntil({ created_at, undone_at }: { created_at: number; undone_at: number | null }): number | null {
  return undone_at === null ? created_at + UNDO_MS : null
}

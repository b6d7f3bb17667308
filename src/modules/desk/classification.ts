// The words that tickets are classified by, for those who name them before there is a ticket.

export const priorities = ['low', 'normal', 'high', 'urgent'] as const
export type Priority = (typeof priorities)[number]

/** A tag as it is kept: trimmed, composed, in lower case. */
export function foldTag(tag: string): string {
  return tag.normalize('NFC').trim().toLowerCase()
}

/** Tags as they are kept: each once, in order. */
export function foldTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map(foldTag))].sort()
}

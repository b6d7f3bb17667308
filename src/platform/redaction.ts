/** What stands where something was taken out: always the same, so that it does not tell how long that was. */
export const REDACTED = '[redacted]'

/** A text without a passage, wherever it stands in it, letter for letter. What was taken out before stays as it is. */
export function redacted(text: string, passage: string): string {
  return text
    .split(REDACTED)
    .map((part) => part.replaceAll(passage, () => REDACTED))
    .join(REDACTED)
}

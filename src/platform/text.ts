/** Whether a text can be stored and sent back unchanged by every engine: no NUL, and no half of a surrogate pair. */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000')
}

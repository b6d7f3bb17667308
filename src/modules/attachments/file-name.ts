const LONGEST_BYTES = 255
const UNNAMED = 'file'
// Control characters, lone surrogates, line separators, and marks that turn the direction of writing.
const UNSEEN = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/**
 * A file's name as it is kept and shown: the last part of any path, in NFC, without what cannot be seen, at most 255 bytes of UTF-8,
 * never empty. It is shown to people, and never used as a path.
 */
export function cleanFileName(given: string | undefined): string {
  const last = (given ?? '').normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const name = last.replaceAll(UNSEEN, '').trim()
  return /^\.*$/.test(name) ? UNNAMED : shortened(name)
}

/** What follows the last dot, in lower case; empty where there is none. */
export function extensionOf(name: string): string {
  return /[^.]\.([^.]{1,20})$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

/** Shortened before its extension, so that it stays what it is. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_BYTES) return name
  const [end = ''] = /\.[^.]{1,20}$/u.exec(name) ?? []
  const room = LONGEST_BYTES - Buffer.byteLength(end)
  let kept = ''
  let bytes = 0
  for (const character of name.slice(0, name.length - end.length)) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    kept += character
  }
  return kept.trimEnd() + end
}

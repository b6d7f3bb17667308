import { createHash } from 'node:crypto'

// One tokenizer for every engine: SQLite and InnoDB only ever see the tokens that are made here.

const longestWord = 64 // code points
const mostWords = 5_000
const mostCharacters = 131_072

/** Marks that only colour a letter. Not among them: vowel signs of Indic and Thai, and the voicing marks of kana. */
const diacritics =
  /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]/gu

/** Soft hyphen, joiners, word joiner: people cannot see them and would not search for them. */
const invisible = /\u00ad|\u200c|\u200d|\u2060|\ufeff/g

// These scripts put no spaces between words, or (Hangul) glue particles to them.
const unspaced = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`

/** A run of such a script (the group), or a word of any other. */
const runs = new RegExp(
  String.raw`([[\p{L}\p{N}\p{M}]&&${unspaced}]+)|[[\p{L}\p{N}]--${unspaced}][[\p{L}\p{N}\p{M}]--${unspaced}]*`,
  'gv',
)

/**
 * The words of a text in their order, folded: width, case and diacritics do not count. A run of a script without spaces
 * gives its overlapping pairs of letters, or its one letter, so that whatever stands in a text is found by any part of
 * it that is two letters or longer. Words are cut after 64 code points, and the text after `limit` words.
 */
export function searchWords(text: string, limit = mostWords): string[] {
  const words: string[] = []
  for (const [word, run] of fold(text).matchAll(runs)) {
    if (run === undefined) words.push(cut(word))
    else pushPairs(words, run, limit)
    if (words.length >= limit) return words.slice(0, limit)
  }
  return words
}

/**
 * One word as one token that both FTS5 (unicode61) and InnoDB's FULLTEXT take whole: a-z and 0-9 only, 3 to 84 long, never
 * a stop word. Different words give different tokens, the ends of overlong ones by their hash. The start of a word gives
 * the start of its token (for words of a-z and 0-9 up to 64 letters; for others up to 16), so a search by prefix works.
 */
export function encodeWord(word: string): string {
  if (/^[a-z0-9]*$/.test(word)) return word.length <= longestWord ? `zq${word}` : `zq${word.slice(0, longestWord)}${hash(word)}`
  // Four digits of base 36 hold every code point. 20 letters make 82; 16 and the hash make 83, so the two never meet.
  const letters = Array.from(word, (letter) => (letter.codePointAt(0) ?? 0).toString(36).padStart(4, '0'))
  return letters.length <= 20 ? `zu${letters.join('')}` : `zu${letters.slice(0, 16).join('')}${hash(word)}`
}

/**
 * What is stored in a search index for a text: each of its words once, encoded, with spaces between. What stands behind the
 * first 131,072 characters or `limit` words is not found.
 */
export function searchTokens(text: string, limit = mostWords): string {
  return Array.from(new Set(searchWords(text.slice(0, mostCharacters).toWellFormed(), limit)), encodeWord).join(' ')
}

function fold(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is the whole of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase()
  const bare = text.normalize('NFKC').normalize('NFD').replace(diacritics, '').replace(invisible, '')
  // By way of upper case ß and ss become one, ı and i too; the final sigma is a matter of position, not of the word.
  return bare.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC')
}

function cut(word: string): string {
  return word.length <= longestWord ? word : Array.from(word).slice(0, longestWord).join('')
}

function pushPairs(words: string[], run: string, limit: number): void {
  let last = ''
  let count = 0
  for (const letter of run) {
    if (words.length >= limit) return
    if (count++ > 0) words.push(last + letter)
    last = letter
  }
  if (count === 1) words.push(last)
}

function hash(word: string): string {
  return createHash('sha256').update(word).digest('hex').slice(0, 17)
}

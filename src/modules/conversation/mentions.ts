import { foldEmail } from '../../platform/codecs.ts'

/** Who and what a text mentions, in the order in which it does, each once. */
interface Mentions {
  /** `usr_…`, or a folded e-mail address. */
  people: string[]
  /** `tkt_…`, or a number as it is written. */
  tickets: string[]
}

/** How many people a text can mention, and how many tickets: what comes after them is text. */
export const MENTIONS_MAX = 20

const DIGITS = '[0-9a-hjkmnp-tv-z]{26}'
// A mention is a word of its own. Marks of emphasis around it are no part of it.
const BEGINS = '(?<![\\p{L}\\p{N}@#&\\\\/.+%=-])(?<![\\p{L}\\p{N}]_{1,3})'
const ENDS = '(?![.-]?_{0,3}[\\p{L}\\p{N}@])'
// As `isEmailAddress` has it, in bounds that keep the look at each sign short.
const LOCAL_PART = '[^\\s\\p{C}"(),:;<>@\\[\\\\\\]]{1,64}'
const LABEL = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?'
const PERSON = new RegExp(`${BEGINS}@(?:(usr_${DIGITS})|(${LOCAL_PART}@${LABEL}(?:\\.${LABEL}){0,9}))${ENDS}`, 'gu')
const TICKET = new RegExp(`${BEGINS}(?:#([1-9][0-9]{0,14})(?![.,-]?[0-9])|(tkt_${DIGITS}))${ENDS}`, 'gu')

/**
 * The people (`@usr_…`, `@name@example.com`) and tickets (`#1042`, `tkt_…`) that a Markdown text mentions. What stands in code, in a
 * link or in an address is no mention, nor is what begins with a backslash.
 */
export function mentionsIn(body: string): Mentions {
  // Most texts have none of these.
  if (!/[@#]|tkt_/.test(body)) return { people: [], tickets: [] }
  const text = withoutLinks(withoutCode(body))
  return {
    people: first(text.matchAll(PERSON).map(([, id, address = '']) => id ?? foldEmail(address))),
    tickets: first(text.matchAll(TICKET).map(([, number, id = '']) => number ?? id)),
  }
}

function first(found: Iterable<string>): string[] {
  const once = new Set<string>()
  for (const one of found) {
    once.add(one)
    if (once.size === MENTIONS_MAX) break
  }
  return [...once]
}

// What is cut out leaves a sign that no mention can stand beside, so that nothing grows together or gets a new beginning.
const CUT = '/'

const FENCE = /^ *(`{3,}|~{3,})(.*)$/
const INDENTED = /^(?: {4}| {0,3}\t)/
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]/
// Without one of these there is no code.
const CODE = /[`~\t]| {4}/

/** A text without its code: fenced blocks, indented blocks, and spans between runs of as many backticks. */
function withoutCode(body: string): string {
  if (!CODE.test(body)) return body
  const kept: string[] = []
  let fence: string | undefined
  let isBehindText = false
  let isInList = false
  for (const line of body.split('\n')) {
    // Quoted code is code.
    const inner = line.replace(/^(?: {0,3}> ?)+/, '')
    const isIndented = INDENTED.test(inner)
    const [, run = '', info = ''] = FENCE.exec(inner) ?? []
    if (fence !== undefined) {
      if (run.startsWith(fence) && info.trim() === '') fence = undefined
      kept.push(CUT)
      continue
    }
    // What is indented in a list goes on with one of its items.
    isInList = LIST_ITEM.test(inner) || (isInList && (isIndented || !/^\S/.test(inner)))
    const isBlock: boolean = isIndented && !isInList
    if (run !== '' && !isBlock && !(run.startsWith('`') && info.includes('`'))) fence = run
    const isCode: boolean = fence !== undefined || (isBlock && !isBehindText)
    kept.push(isCode ? CUT : inner)
    isBehindText = !isCode && inner.trim() !== ''
  }
  const text = kept.join('\n')
  // A span ends with its paragraph.
  const paragraphs = text.includes('`') ? text.split(/\n[ \t]*\n/) : [text]
  return paragraphs.map(withoutSpans).join('\n\n')
}

function withoutSpans(text: string): string {
  if (!text.includes('`')) return text
  const runs = [...text.matchAll(/(?<!\\)`+/g)].map(({ 0: run, index }) => ({ index, length: run.length }))
  if (runs.length < 2) return text
  // Where the next run of each length begins, from behind: each run is looked at once.
  const next: (number | undefined)[] = []
  const last = new Map<number, number>()
  for (let i = runs.length - 1; i >= 0; i--) {
    const { length } = runs[i] ?? { length: 0 }
    next[i] = last.get(length)
    last.set(length, i)
  }
  let kept = ''
  let from = 0
  for (let i = 0; i < runs.length; i++) {
    const end = runs[next[i] ?? -1]
    const start = runs[i]
    if (!start || !end) continue
    kept += text.slice(from, start.index) + CUT
    from = end.index + end.length
    i = next[i] ?? i
  }
  return kept + text.slice(from)
}

const BARE = /\b(?:https?:\/\/|mailto:|www\.)[^\s<>]+/gi
const ANGLED = /<[^\s<>]{1,2000}>/g
const LINK = /!?\[([^[\]]{0,1000})\](?:\([^()\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500}){0,3}\)|\[[^[\]\n]{0,1000}\])/g

/** A text without its links: `[text](address)`, `[text][reference]`, `<address>`, and addresses that stand as such. */
function withoutLinks(text: string): string {
  return text.replace(ANGLED, CUT).replace(LINK, CUT).replace(BARE, CUT)
}

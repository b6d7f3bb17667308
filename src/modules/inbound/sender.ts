import { isEmailAddress } from '../../platform/http/validate.ts'
import { domainOf } from './authentication-results.ts'
import type { ParsedMail } from './parsed-mail.ts'

/** Who wrote a mail, as it says itself: exactly one address, or nobody. */
export type Sender = { address: string; domain: string; name: string } | { problem: SenderProblem }
export type SenderProblem = 'from_missing' | 'from_several' | 'from_invalid'

// What cannot be seen, and what turns the direction of writing: such a name looks like another one.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu
const NAME_MAX = 100
const SUBJECT_MAX = 300

/**
 * Whom the field `From` names (RFC 5322 §3.6.2). Mail with several authors, with several such fields, or with none that could be
 * answered names nobody: whose rights would it have? `Sender`, `Reply-To` and display names say nothing about that.
 */
export function senderOf({ from, headers }: Pick<ParsedMail, 'from' | 'headers'>): Sender {
  const named = from.filter(({ address }) => address.trim() !== '')
  if (named.length === 0) return { problem: 'from_missing' }
  if (named.length > 1 || from.length > 1 || (headers.from ?? []).length > 1) return { problem: 'from_several' }
  const [{ name, address } = { name: '', address: '' }] = named
  if (!isEmailAddress(address.trim())) return { problem: 'from_invalid' }
  const bare = address.trim()
  return { address: bare, domain: domainOf(bare), name: nameOf(name, bare) }
}

/** How somebody is called from now on: as he calls himself, unless that looks like an address, or like nothing. */
export function nameOf(given: string, address: string): string {
  const name = oneLine(given).replaceAll(/["<>]/g, '').trim()
  const local = oneLine(address.slice(0, address.lastIndexOf('@')))
  return cut(name === '' || name.includes('@') ? local : name, NAME_MAX)
}

/** What a ticket is called that a mail raises; never empty, one line, nothing unseen. */
export function subjectOf({ subject }: Pick<ParsedMail, 'subject'>): string {
  return cut(oneLine(subject), SUBJECT_MAX) || '(no subject)'
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(UNSEEN, '').trim()
}

/** At most so many characters, none of them halved. */
function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : Array.from(text.slice(0, most + 1))
        .slice(0, -1)
        .join('')
        .slice(0, most)
        .trimEnd()
}

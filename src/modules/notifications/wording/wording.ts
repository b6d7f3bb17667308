import type { Kind } from '../choices.ts'

/** What one kind of mail says, with placeholders. */
export interface Words {
  subject: string
  /** What stands above the message, or is all. */
  body: string
}

/** Everything that mail says in one language. */
export interface Wording {
  locale: string
  direction: 'ltr' | 'rtl'
  greeting: string
  kinds: Readonly<Record<Kind, Words>>
  /** To an address that nobody proved: nothing in it comes from whoever wrote. */
  unproven: { received: Words; news: Words }
  digest: Words
  /** What a line of a digest says of each kind. */
  items: Readonly<Record<Kind, string>>
  statuses: Readonly<Record<'new' | 'open' | 'pending' | 'on_hold' | 'solved' | 'closed', string>>
  /** Names the files that do not go along. */
  files: string
  /** Says that an answer to the mail gets there. */
  answer: string
  /** The words of the link that ends such mails. */
  unsubscribe: string
  /** The line above which an answer is written; it never changes, because mail that is out there has it. */
  marker: string
}

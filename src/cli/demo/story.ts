/** The languages in which the people of the demo write. */
export const languages = ['en', 'de', 'fr', 'es'] as const
export type Language = (typeof languages)[number]

/** The queues of the demo, by what their keys end in. */
export type QueueName = 'orders' | 'repairs' | 'billing'

/** The categories of the demo. */
export const categoryNames = [
  'Delivery',
  'Returns',
  'Warranty',
  'Repair',
  'Spare parts',
  'Invoices',
  'Account',
  'Advice',
] as const
export type CategoryName = (typeof categoryNames)[number]

/**
 * One step of a conversation: the requester or the agent writes, the agent asks back and waits (`ask`), waits for somebody else (`hold`),
 * says the last word (`solve`), or writes a note for colleagues.
 */
export type Turn = readonly [by: 'requester' | 'agent' | 'ask' | 'hold' | 'solve' | 'note', text: string]

/** A conversation that a support desk has, with places for what differs from one to the next: see `fillIn`. */
export interface Story {
  queue: QueueName
  category: CategoryName
  tags: readonly string[]
  priority?: 'low' | 'high' | 'urgent'
  subject: string
  opening: string
  turns: readonly Turn[]
}

/** What differs from one conversation to the next. */
export interface Details {
  /** The requester's and the agent's first names. */
  name: string
  agent: string
  product: string
  order: string
  amount: string
}

/** A text with its places filled: `{product}`, `{order}` and so on. */
export function fillIn(text: string, details: Details): string {
  return text.replace(/\{(name|agent|product|order|amount)\}/g, (_, place: keyof Details) => details[place])
}

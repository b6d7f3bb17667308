/** What becomes of mail that leads to a ticket and whose sender takes no part in it, or is not proven to be who he says. */
export const unverifiedMail = ['new_ticket', 'internal_note', 'quarantine'] as const
export type UnverifiedMail = (typeof unverifiedMail)[number]

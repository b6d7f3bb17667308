import { defineProblem, type Problem } from '../../platform/problems.ts'

export const MailboxAddressTaken = defineProblem('mailbox_address_taken', 409, 'Another mailbox has this address.')
export const SendingDomainTaken = defineProblem('sending_domain_taken', 409, 'This domain has a key already.')

/** Another mailbox has the address. */
export function mailboxAddressTaken(): Problem {
  return MailboxAddressTaken({ errors: [{ pointer: '/address', code: 'taken', detail: MailboxAddressTaken.title }] })
}

/** The domain has a key. */
export function sendingDomainTaken(): Problem {
  return SendingDomainTaken({ errors: [{ pointer: '/domain', code: 'taken', detail: SendingDomainTaken.title }] })
}

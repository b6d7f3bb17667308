import { defineProblem } from '../../platform/problems.ts'

export const MailSent = defineProblem('mail_sent', 409, 'The mail was taken by the mail server. A second one would be a copy.')
export const MailUnderway = defineProblem('mail_underway', 409, 'The mail is being sent at this moment. Look again in a minute.')
export const MailOver = defineProblem('mail_over', 409, 'The mail has ended, and cannot be called back.')

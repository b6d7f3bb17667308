import { defineProblem } from '../../platform/problems.ts'

export const MailTooLarge = defineProblem('mail_too_large', 413, 'The mail is larger than this desk takes.')
export const MailGone = defineProblem('mail_gone', 410, 'The bytes of this mail are not kept any more.')
export const MailWasApplied = defineProblem('mail_was_applied', 409, 'What this mail did is still there: it is not done twice.')
export const MailIsUnderWay = defineProblem('mail_is_under_way', 409, 'The mail is being worked on. Look again in a moment.')
export const MailIsEmpty = defineProblem('mail_is_empty', 422, 'The body holds no mail: send it as it is, header and all.')

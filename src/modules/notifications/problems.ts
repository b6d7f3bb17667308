import { defineProblem } from '../../platform/problems.ts'

export const InvalidUnsubscribeToken = defineProblem(
  'invalid_unsubscribe_token',
  422,
  'This link is not complete. Copy the whole of it from the mail.',
)
export const MailTemplateTaken = defineProblem(
  'mail_template_taken',
  409,
  'There is a template for this kind, queue and language already. Change that one.',
)

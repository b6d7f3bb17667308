import { addIndexes, type Migration } from '../platform/database/migrate.ts'

/** Whether an act was told of is asked for each: a ticket of thousands of messages has thousands of mails. */
export const mailsOfActs: Migration = {
  name: '0022-mails-of-acts',
  steps: [addIndexes('outbound_mails', { act: ['event_id'] })],
}

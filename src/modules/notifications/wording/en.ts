import type { Wording } from './wording.ts'

export const en: Wording = {
  locale: 'en',
  direction: 'ltr',
  greeting: 'Hello {{recipient.first_name}},',
  kinds: {
    ticket_received: {
      subject: '[#{{ticket.number}}] {{ticket.subject}}',
      body: 'We have received your request, and will answer as soon as we can. It has the number #{{ticket.number}}.',
    },
    reply: { subject: '[#{{ticket.number}}] {{ticket.subject}}', body: '{{actor.name}} wrote:' },
    note: { subject: '[#{{ticket.number}}] Note: {{ticket.subject}}', body: '{{actor.name}} left an internal note:' },
    mentioned: { subject: '[#{{ticket.number}}] You were mentioned: {{ticket.subject}}', body: '{{actor.name}} mentioned you:' },
    assigned: {
      subject: '[#{{ticket.number}}] Assigned to you: {{ticket.subject}}',
      body: 'Ticket #{{ticket.number}}, “{{ticket.subject}}”, from {{requester.name}} is yours now.',
    },
    pending_reminder: {
      subject: '[#{{ticket.number}}] Reminder: {{ticket.subject}}',
      body: 'The time is up for which ticket #{{ticket.number}}, “{{ticket.subject}}”, was put aside.',
    },
    reopened: {
      subject: '[#{{ticket.number}}] Reopened: {{ticket.subject}}',
      body: 'Ticket #{{ticket.number}}, “{{ticket.subject}}”, has been reopened.',
    },
    solved: {
      subject: '[#{{ticket.number}}] Solved: {{ticket.subject}}',
      body: 'Ticket #{{ticket.number}}, “{{ticket.subject}}”, has been solved. If something is still open, just write to us again.',
    },
    status_changed: {
      subject: '[#{{ticket.number}}] {{ticket.status}}: {{ticket.subject}}',
      body: 'The status of ticket #{{ticket.number}}, “{{ticket.subject}}”, is now “{{ticket.status}}”.',
    },
    new_ticket: {
      subject: '[#{{ticket.number}}] New: {{ticket.subject}}',
      body: 'There is a new ticket from {{requester.name}} in {{queue.name|your queue}}: #{{ticket.number}}, “{{ticket.subject}}”.',
    },
  },
  unproven: {
    received: {
      subject: '[#{{ticket.number}}] We have received your request',
      body: 'Hello,\n\nWe have received a request from this address. We will answer as soon as we can.\n\nIf it was not you who wrote to us, you can ignore this mail.',
    },
    news: {
      subject: '[#{{ticket.number}}] News about your request',
      body: 'Hello,\n\nThere is news about your request #{{ticket.number}}.\n\nIf it was not you who wrote to us, you can ignore this mail.',
    },
  },
  digest: { subject: 'Your summary', body: 'This is what has happened:' },
  items: {
    mentioned: '{{actor.name}} mentioned you',
    assigned: 'Assigned to you',
    reply: '{{actor.name}} replied',
    note: '{{actor.name}} left a note',
    pending_reminder: 'Its time is up',
    reopened: 'Reopened',
    solved: 'Solved',
    status_changed: 'Its status changed',
    new_ticket: 'New',
    ticket_received: 'Received',
  },
  statuses: { new: 'New', open: 'Open', pending: 'Waiting for you', on_hold: 'On hold', solved: 'Solved', closed: 'Closed' },
  files: 'Attachments:',
  answer: 'You can reply to this mail to answer.',
  unsubscribe: 'Unsubscribe from these mails',
  marker: '## Please write your reply above this line ##',
}

import type { Wording } from './wording.ts'

export const de: Wording = {
  locale: 'de',
  direction: 'ltr',
  greeting: 'Guten Tag {{recipient.name}},',
  kinds: {
    ticket_received: {
      subject: '[#{{ticket.number}}] {{ticket.subject}}',
      body: 'wir haben Ihre Anfrage erhalten und antworten so bald wie möglich. Sie hat die Nummer #{{ticket.number}}.',
    },
    reply: { subject: '[#{{ticket.number}}] {{ticket.subject}}', body: '{{actor.name}} schrieb:' },
    note: {
      subject: '[#{{ticket.number}}] Notiz: {{ticket.subject}}',
      body: '{{actor.name}} hat eine interne Notiz geschrieben:',
    },
    mentioned: {
      subject: '[#{{ticket.number}}] Sie wurden erwähnt: {{ticket.subject}}',
      body: '{{actor.name}} hat Sie erwähnt:',
    },
    assigned: {
      subject: '[#{{ticket.number}}] Ihnen zugewiesen: {{ticket.subject}}',
      body: 'das Ticket #{{ticket.number}}, „{{ticket.subject}}“, von {{requester.name}} wurde Ihnen zugewiesen.',
    },
    pending_reminder: {
      subject: '[#{{ticket.number}}] Erinnerung: {{ticket.subject}}',
      body: 'das Ticket #{{ticket.number}}, „{{ticket.subject}}“, war bis jetzt zurückgestellt und steht wieder an.',
    },
    reopened: {
      subject: '[#{{ticket.number}}] Wieder geöffnet: {{ticket.subject}}',
      body: 'das Ticket #{{ticket.number}}, „{{ticket.subject}}“, wurde wieder geöffnet.',
    },
    solved: {
      subject: '[#{{ticket.number}}] Gelöst: {{ticket.subject}}',
      body: 'das Ticket #{{ticket.number}}, „{{ticket.subject}}“, wurde gelöst. Falls noch etwas offen ist, schreiben Sie uns einfach wieder.',
    },
    status_changed: {
      subject: '[#{{ticket.number}}] {{ticket.status}}: {{ticket.subject}}',
      body: 'der Status des Tickets #{{ticket.number}}, „{{ticket.subject}}“, ist jetzt „{{ticket.status}}“.',
    },
    new_ticket: {
      subject: '[#{{ticket.number}}] Neu: {{ticket.subject}}',
      body: 'in {{queue.name|Ihrer Warteschlange}} gibt es ein neues Ticket von {{requester.name}}: #{{ticket.number}}, „{{ticket.subject}}“.',
    },
  },
  unproven: {
    received: {
      subject: '[#{{ticket.number}}] Wir haben Ihre Anfrage erhalten',
      body: 'Guten Tag,\n\nwir haben eine Anfrage von dieser Adresse erhalten und antworten so bald wie möglich.\n\nFalls Sie uns nicht geschrieben haben, können Sie diese Mail ignorieren.',
    },
    news: {
      subject: '[#{{ticket.number}}] Neues zu Ihrer Anfrage',
      body: 'Guten Tag,\n\nzu Ihrer Anfrage #{{ticket.number}} gibt es Neues.\n\nFalls Sie uns nicht geschrieben haben, können Sie diese Mail ignorieren.',
    },
  },
  digest: { subject: 'Ihre Zusammenfassung', body: 'das ist geschehen:' },
  items: {
    mentioned: '{{actor.name}} hat Sie erwähnt',
    assigned: 'Ihnen zugewiesen',
    reply: '{{actor.name}} hat geantwortet',
    note: '{{actor.name}} hat eine Notiz geschrieben',
    pending_reminder: 'Steht wieder an',
    reopened: 'Wieder geöffnet',
    solved: 'Gelöst',
    status_changed: 'Neuer Status',
    new_ticket: 'Neu',
    ticket_received: 'Eingegangen',
  },
  statuses: {
    new: 'Neu',
    open: 'Offen',
    pending: 'Wartet auf Sie',
    on_hold: 'Zurückgestellt',
    solved: 'Gelöst',
    closed: 'Geschlossen',
  },
  files: 'Anhänge:',
  answer: 'Sie können auf diese Mail antworten.',
  unsubscribe: 'Diese Mails abbestellen',
  marker: '## Bitte schreiben Sie Ihre Antwort über diese Zeile ##',
}

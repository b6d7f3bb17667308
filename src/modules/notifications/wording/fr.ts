import type { Wording } from './wording.ts'

export const fr: Wording = {
  locale: 'fr',
  direction: 'ltr',
  greeting: 'Bonjour {{recipient.first_name}},',
  kinds: {
    ticket_received: {
      subject: '[#{{ticket.number}}] {{ticket.subject}}',
      body: 'Nous avons bien reçu votre demande et vous répondrons dès que possible. Elle porte le numéro #{{ticket.number}}.',
    },
    reply: { subject: '[#{{ticket.number}}] {{ticket.subject}}', body: '{{actor.name}} a écrit :' },
    note: { subject: '[#{{ticket.number}}] Note : {{ticket.subject}}', body: '{{actor.name}} a laissé une note interne :' },
    mentioned: {
      subject: '[#{{ticket.number}}] On vous a mentionné : {{ticket.subject}}',
      body: '{{actor.name}} vous a mentionné :',
    },
    assigned: {
      subject: '[#{{ticket.number}}] Ticket qui vous est attribué : {{ticket.subject}}',
      body: 'Le ticket #{{ticket.number}}, « {{ticket.subject}} », de {{requester.name}} vous a été attribué.',
    },
    pending_reminder: {
      subject: '[#{{ticket.number}}] Rappel : {{ticket.subject}}',
      body: 'Le ticket #{{ticket.number}}, « {{ticket.subject}} », avait été mis de côté jusqu’à maintenant.',
    },
    reopened: {
      subject: '[#{{ticket.number}}] Rouvert : {{ticket.subject}}',
      body: 'Le ticket #{{ticket.number}}, « {{ticket.subject}} », a été rouvert.',
    },
    solved: {
      subject: '[#{{ticket.number}}] Résolu : {{ticket.subject}}',
      body: 'Le ticket #{{ticket.number}}, « {{ticket.subject}} », a été résolu. S’il reste un point à régler, écrivez-nous à nouveau.',
    },
    status_changed: {
      subject: '[#{{ticket.number}}] {{ticket.status}} : {{ticket.subject}}',
      body: 'Le statut du ticket #{{ticket.number}}, « {{ticket.subject}} », est désormais « {{ticket.status}} ».',
    },
    new_ticket: {
      subject: '[#{{ticket.number}}] Nouveau : {{ticket.subject}}',
      body: 'Un nouveau ticket de {{requester.name}} est arrivé dans {{queue.name|votre file}} : #{{ticket.number}}, « {{ticket.subject}} ».',
    },
  },
  unproven: {
    received: {
      subject: '[#{{ticket.number}}] Nous avons reçu votre demande',
      body: 'Bonjour,\n\nNous avons reçu une demande depuis cette adresse et y répondrons dès que possible.\n\nSi vous ne nous avez pas écrit, vous pouvez ignorer ce message.',
    },
    news: {
      subject: '[#{{ticket.number}}] Du nouveau concernant votre demande',
      body: 'Bonjour,\n\nIl y a du nouveau concernant votre demande #{{ticket.number}}.\n\nSi vous ne nous avez pas écrit, vous pouvez ignorer ce message.',
    },
  },
  digest: { subject: 'Votre récapitulatif', body: 'Voici ce qui s’est passé :' },
  items: {
    mentioned: '{{actor.name}} vous a mentionné',
    assigned: 'Vous a été attribué',
    reply: '{{actor.name}} a répondu',
    note: '{{actor.name}} a laissé une note',
    pending_reminder: 'Rappel',
    reopened: 'Rouvert',
    solved: 'Résolu',
    status_changed: 'Nouveau statut',
    new_ticket: 'Nouveau',
    ticket_received: 'Reçu',
  },
  statuses: {
    new: 'Nouveau',
    open: 'Ouvert',
    pending: 'En attente de votre réponse',
    on_hold: 'En pause',
    solved: 'Résolu',
    closed: 'Fermé',
  },
  files: 'Pièces jointes :',
  answer: 'Vous pouvez répondre directement à ce message.',
  unsubscribe: 'Ne plus recevoir ces messages',
  marker: '## Veuillez écrire votre réponse au-dessus de cette ligne ##',
}

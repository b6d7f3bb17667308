import type { Wording } from './wording.ts'

export const es: Wording = {
  locale: 'es',
  direction: 'ltr',
  greeting: 'Hola, {{recipient.first_name}}:',
  kinds: {
    ticket_received: {
      subject: '[#{{ticket.number}}] {{ticket.subject}}',
      body: 'Hemos recibido tu solicitud y te responderemos lo antes posible. Su número es #{{ticket.number}}.',
    },
    reply: { subject: '[#{{ticket.number}}] {{ticket.subject}}', body: '{{actor.name}} escribió:' },
    note: { subject: '[#{{ticket.number}}] Nota: {{ticket.subject}}', body: '{{actor.name}} dejó una nota interna:' },
    mentioned: {
      subject: '[#{{ticket.number}}] Te han mencionado: {{ticket.subject}}',
      body: '{{actor.name}} te ha mencionado:',
    },
    assigned: {
      subject: '[#{{ticket.number}}] Se te ha asignado: {{ticket.subject}}',
      body: 'Se te ha asignado el ticket #{{ticket.number}}, «{{ticket.subject}}», de {{requester.name}}.',
    },
    pending_reminder: {
      subject: '[#{{ticket.number}}] Recordatorio: {{ticket.subject}}',
      body: 'Ha terminado el plazo por el que se aplazó el ticket #{{ticket.number}}, «{{ticket.subject}}».',
    },
    reopened: {
      subject: '[#{{ticket.number}}] Reabierto: {{ticket.subject}}',
      body: 'El ticket #{{ticket.number}}, «{{ticket.subject}}», se ha reabierto.',
    },
    solved: {
      subject: '[#{{ticket.number}}] Resuelto: {{ticket.subject}}',
      body: 'El ticket #{{ticket.number}}, «{{ticket.subject}}», se ha resuelto. Si queda algo pendiente, escríbenos de nuevo.',
    },
    status_changed: {
      subject: '[#{{ticket.number}}] {{ticket.status}}: {{ticket.subject}}',
      body: 'El estado del ticket #{{ticket.number}}, «{{ticket.subject}}», es ahora «{{ticket.status}}».',
    },
    new_ticket: {
      subject: '[#{{ticket.number}}] Nuevo: {{ticket.subject}}',
      body: 'Hay un nuevo ticket de {{requester.name}} en {{queue.name|tu cola}}: #{{ticket.number}}, «{{ticket.subject}}».',
    },
  },
  unproven: {
    received: {
      subject: '[#{{ticket.number}}] Hemos recibido tu solicitud',
      body: 'Hola:\n\nHemos recibido una solicitud desde esta dirección y responderemos lo antes posible.\n\nSi no nos has escrito, puedes ignorar este mensaje.',
    },
    news: {
      subject: '[#{{ticket.number}}] Novedades sobre tu solicitud',
      body: 'Hola:\n\nHay novedades sobre tu solicitud #{{ticket.number}}.\n\nSi no nos has escrito, puedes ignorar este mensaje.',
    },
  },
  digest: { subject: 'Tu resumen', body: 'Esto es lo que ha ocurrido:' },
  items: {
    mentioned: '{{actor.name}} te ha mencionado',
    assigned: 'Se te ha asignado',
    reply: '{{actor.name}} ha respondido',
    note: '{{actor.name}} ha dejado una nota',
    pending_reminder: 'Recordatorio',
    reopened: 'Reabierto',
    solved: 'Resuelto',
    status_changed: 'Nuevo estado',
    new_ticket: 'Nuevo',
    ticket_received: 'Recibido',
  },
  statuses: {
    new: 'Nuevo',
    open: 'Abierto',
    pending: 'A la espera de tu respuesta',
    on_hold: 'En pausa',
    solved: 'Resuelto',
    closed: 'Cerrado',
  },
  files: 'Archivos adjuntos:',
  answer: 'Puedes responder directamente a este mensaje.',
  unsubscribe: 'Dejar de recibir estos mensajes',
  marker: '## Escribe tu respuesta encima de esta línea ##',
}

import type { Wording } from './wording.ts'

export const pt: Wording = {
  locale: 'pt',
  direction: 'ltr',
  greeting: 'Olá, {{recipient.first_name}},',
  kinds: {
    ticket_received: {
      subject: '[#{{ticket.number}}] {{ticket.subject}}',
      body: 'Recebemos a sua solicitação e responderemos assim que possível. O número dela é #{{ticket.number}}.',
    },
    reply: { subject: '[#{{ticket.number}}] {{ticket.subject}}', body: '{{actor.name}} escreveu:' },
    note: { subject: '[#{{ticket.number}}] Nota: {{ticket.subject}}', body: '{{actor.name}} deixou uma nota interna:' },
    mentioned: {
      subject: '[#{{ticket.number}}] Você foi mencionado: {{ticket.subject}}',
      body: '{{actor.name}} mencionou você:',
    },
    assigned: {
      subject: '[#{{ticket.number}}] Atribuído a você: {{ticket.subject}}',
      body: 'O ticket #{{ticket.number}}, “{{ticket.subject}}”, de {{requester.name}}, foi atribuído a você.',
    },
    pending_reminder: {
      subject: '[#{{ticket.number}}] Lembrete: {{ticket.subject}}',
      body: 'Terminou o prazo pelo qual o ticket #{{ticket.number}}, “{{ticket.subject}}”, foi adiado.',
    },
    reopened: {
      subject: '[#{{ticket.number}}] Reaberto: {{ticket.subject}}',
      body: 'O ticket #{{ticket.number}}, “{{ticket.subject}}”, foi reaberto.',
    },
    solved: {
      subject: '[#{{ticket.number}}] Resolvido: {{ticket.subject}}',
      body: 'O ticket #{{ticket.number}}, “{{ticket.subject}}”, foi resolvido. Se ainda houver algo em aberto, basta escrever novamente.',
    },
    status_changed: {
      subject: '[#{{ticket.number}}] {{ticket.status}}: {{ticket.subject}}',
      body: 'O estado do ticket #{{ticket.number}}, “{{ticket.subject}}”, agora é “{{ticket.status}}”.',
    },
    new_ticket: {
      subject: '[#{{ticket.number}}] Novo: {{ticket.subject}}',
      body: 'Há um novo ticket de {{requester.name}} em {{queue.name|sua fila}}: #{{ticket.number}}, “{{ticket.subject}}”.',
    },
  },
  unproven: {
    received: {
      subject: '[#{{ticket.number}}] Recebemos a sua solicitação',
      body: 'Olá,\n\nRecebemos uma solicitação deste endereço e responderemos assim que possível.\n\nSe não foi você quem nos escreveu, ignore esta mensagem.',
    },
    news: {
      subject: '[#{{ticket.number}}] Novidades sobre a sua solicitação',
      body: 'Olá,\n\nHá novidades sobre a sua solicitação #{{ticket.number}}.\n\nSe não foi você quem nos escreveu, ignore esta mensagem.',
    },
  },
  digest: { subject: 'O seu resumo', body: 'Isto é o que aconteceu:' },
  items: {
    mentioned: '{{actor.name}} mencionou você',
    assigned: 'Atribuído a você',
    reply: '{{actor.name}} respondeu',
    note: '{{actor.name}} deixou uma nota',
    pending_reminder: 'Lembrete',
    reopened: 'Reaberto',
    solved: 'Resolvido',
    status_changed: 'Novo estado',
    new_ticket: 'Novo',
    ticket_received: 'Recebido',
  },
  statuses: {
    new: 'Novo',
    open: 'Aberto',
    pending: 'Aguardando a sua resposta',
    on_hold: 'Em espera',
    solved: 'Resolvido',
    closed: 'Fechado',
  },
  files: 'Anexos:',
  answer: 'Você pode responder diretamente a esta mensagem.',
  unsubscribe: 'Deixar de receber estas mensagens',
  marker: '## Escreva a sua resposta acima desta linha ##',
}

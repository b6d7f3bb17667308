import type { Wording } from './wording.ts'

export const ar: Wording = {
  locale: 'ar',
  direction: 'rtl',
  greeting: 'مرحبًا {{recipient.first_name}}،',
  kinds: {
    ticket_received: {
      subject: '[#{{ticket.number}}] {{ticket.subject}}',
      body: 'لقد تلقّينا طلبك وسنردّ عليك في أقرب وقت ممكن. رقم الطلب هو #{{ticket.number}}.',
    },
    reply: { subject: '[#{{ticket.number}}] {{ticket.subject}}', body: 'كتب {{actor.name}}:' },
    note: { subject: '[#{{ticket.number}}] ملاحظة: {{ticket.subject}}', body: 'ترك {{actor.name}} ملاحظة داخلية:' },
    mentioned: { subject: '[#{{ticket.number}}] تمت الإشارة إليك: {{ticket.subject}}', body: 'أشار إليك {{actor.name}}:' },
    assigned: {
      subject: '[#{{ticket.number}}] أُسندت إليك: {{ticket.subject}}',
      body: 'أُسندت إليك التذكرة #{{ticket.number}} «{{ticket.subject}}» المقدَّمة من {{requester.name}}.',
    },
    pending_reminder: {
      subject: '[#{{ticket.number}}] تذكير: {{ticket.subject}}',
      body: 'حان موعد متابعة التذكرة المؤجَّلة #{{ticket.number}} «{{ticket.subject}}».',
    },
    reopened: {
      subject: '[#{{ticket.number}}] أُعيد فتحها: {{ticket.subject}}',
      body: 'أُعيد فتح التذكرة #{{ticket.number}} «{{ticket.subject}}».',
    },
    solved: {
      subject: '[#{{ticket.number}}] تم الحل: {{ticket.subject}}',
      body: 'تم حل التذكرة #{{ticket.number}} «{{ticket.subject}}». إذا بقي أي أمر، فما عليك إلا مراسلتنا من جديد.',
    },
    status_changed: {
      subject: '[#{{ticket.number}}] {{ticket.status}}: {{ticket.subject}}',
      body: 'أصبحت حالة التذكرة #{{ticket.number}} «{{ticket.subject}}» الآن «{{ticket.status}}».',
    },
    new_ticket: {
      subject: '[#{{ticket.number}}] جديدة: {{ticket.subject}}',
      body: 'وصلت تذكرة جديدة من {{requester.name}} إلى {{queue.name|قائمة انتظارك}}: #{{ticket.number}} «{{ticket.subject}}».',
    },
  },
  unproven: {
    received: {
      subject: '[#{{ticket.number}}] تلقّينا طلبك',
      body: 'مرحبًا،\n\nتلقّينا طلبًا من هذا العنوان وسنردّ في أقرب وقت ممكن.\n\nإن لم تكن أنت من راسلنا، فيمكنك تجاهل هذه الرسالة.',
    },
    news: {
      subject: '[#{{ticket.number}}] جديد بشأن طلبك',
      body: 'مرحبًا،\n\nهناك جديد بشأن طلبك #{{ticket.number}}.\n\nإن لم تكن أنت من راسلنا، فيمكنك تجاهل هذه الرسالة.',
    },
  },
  digest: { subject: 'ملخصك', body: 'إليك ما حدث:' },
  items: {
    mentioned: 'أشار إليك {{actor.name}}',
    assigned: 'أُسندت إليك',
    reply: 'ردّ {{actor.name}}',
    note: 'ترك {{actor.name}} ملاحظة',
    pending_reminder: 'حان موعد المتابعة',
    reopened: 'أُعيد فتحها',
    solved: 'تم حلها',
    status_changed: 'تغيّرت الحالة',
    new_ticket: 'جديدة',
    ticket_received: 'تم الاستلام',
  },
  statuses: { new: 'جديدة', open: 'مفتوحة', pending: 'بانتظار ردك', on_hold: 'معلّقة', solved: 'تم الحل', closed: 'مغلقة' },
  files: 'المرفقات:',
  answer: 'يمكنك الرد على هذه الرسالة مباشرةً.',
  unsubscribe: 'إلغاء الاشتراك في هذه الرسائل',
  marker: '## يرجى كتابة ردك فوق هذا السطر ##',
}

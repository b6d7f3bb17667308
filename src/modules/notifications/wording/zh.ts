import type { Wording } from './wording.ts'

export const zh: Wording = {
  locale: 'zh',
  direction: 'ltr',
  greeting: '{{recipient.name}}，您好：',
  kinds: {
    ticket_received: {
      subject: '[#{{ticket.number}}] {{ticket.subject}}',
      body: '我们已收到您的请求，会尽快回复。编号为 #{{ticket.number}}。',
    },
    reply: { subject: '[#{{ticket.number}}] {{ticket.subject}}', body: '{{actor.name}} 写道：' },
    note: { subject: '[#{{ticket.number}}] 备注：{{ticket.subject}}', body: '{{actor.name}} 留下了一条内部备注：' },
    mentioned: { subject: '[#{{ticket.number}}] 有人提到了您：{{ticket.subject}}', body: '{{actor.name}} 提到了您：' },
    assigned: {
      subject: '[#{{ticket.number}}] 已分配给您：{{ticket.subject}}',
      body: '{{requester.name}} 的工单 #{{ticket.number}}“{{ticket.subject}}”已分配给您。',
    },
    pending_reminder: {
      subject: '[#{{ticket.number}}] 提醒：{{ticket.subject}}',
      body: '此前搁置的工单 #{{ticket.number}}“{{ticket.subject}}”已到时间，请处理。',
    },
    reopened: {
      subject: '[#{{ticket.number}}] 已重新打开：{{ticket.subject}}',
      body: '工单 #{{ticket.number}}“{{ticket.subject}}”已重新打开。',
    },
    solved: {
      subject: '[#{{ticket.number}}] 已解决：{{ticket.subject}}',
      body: '工单 #{{ticket.number}}“{{ticket.subject}}”已解决。如果还有问题，请再次与我们联系。',
    },
    status_changed: {
      subject: '[#{{ticket.number}}] {{ticket.status}}：{{ticket.subject}}',
      body: '工单 #{{ticket.number}}“{{ticket.subject}}”的状态现在是“{{ticket.status}}”。',
    },
    new_ticket: {
      subject: '[#{{ticket.number}}] 新工单：{{ticket.subject}}',
      body: '{{queue.name|您的队列}}收到了 {{requester.name}} 的新工单：#{{ticket.number}}“{{ticket.subject}}”。',
    },
  },
  unproven: {
    received: {
      subject: '[#{{ticket.number}}] 我们已收到您的请求',
      body: '您好：\n\n我们收到了来自此邮箱地址的请求，会尽快回复。\n\n如果您没有给我们写信，请忽略此邮件。',
    },
    news: {
      subject: '[#{{ticket.number}}] 您的请求有新进展',
      body: '您好：\n\n您的请求 #{{ticket.number}} 有新进展。\n\n如果您没有给我们写信，请忽略此邮件。',
    },
  },
  digest: { subject: '您的摘要', body: '以下是最新动态：' },
  items: {
    mentioned: '{{actor.name}} 提到了您',
    assigned: '已分配给您',
    reply: '{{actor.name}} 已回复',
    note: '{{actor.name}} 留下了备注',
    pending_reminder: '已到提醒时间',
    reopened: '已重新打开',
    solved: '已解决',
    status_changed: '状态已更改',
    new_ticket: '新工单',
    ticket_received: '已收到',
  },
  statuses: { new: '新建', open: '处理中', pending: '等待您的回复', on_hold: '搁置', solved: '已解决', closed: '已关闭' },
  files: '附件：',
  answer: '您可以直接回复此邮件。',
  unsubscribe: '退订此类邮件',
  marker: '## 请在此行上方书写回复 ##',
}

import type { Wording } from './wording.ts'

export const ja: Wording = {
  locale: 'ja',
  direction: 'ltr',
  greeting: '{{recipient.name}} 様',
  kinds: {
    ticket_received: {
      subject: '[#{{ticket.number}}] {{ticket.subject}}',
      body: 'お問い合わせを受け付けました。できるだけ早くご返信いたします。受付番号は #{{ticket.number}} です。',
    },
    reply: { subject: '[#{{ticket.number}}] {{ticket.subject}}', body: '{{actor.name}} さんからの返信です。' },
    note: { subject: '[#{{ticket.number}}] メモ：{{ticket.subject}}', body: '{{actor.name}} さんが内部メモを残しました。' },
    mentioned: {
      subject: '[#{{ticket.number}}] メンションされました：{{ticket.subject}}',
      body: '{{actor.name}} さんがあなたをメンションしました。',
    },
    assigned: {
      subject: '[#{{ticket.number}}] 担当になりました：{{ticket.subject}}',
      body: '{{requester.name}} さんのチケット #{{ticket.number}}「{{ticket.subject}}」の担当者になりました。',
    },
    pending_reminder: {
      subject: '[#{{ticket.number}}] リマインダー：{{ticket.subject}}',
      body: '保留中だったチケット #{{ticket.number}}「{{ticket.subject}}」の期限が来ました。',
    },
    reopened: {
      subject: '[#{{ticket.number}}] 再開：{{ticket.subject}}',
      body: 'チケット #{{ticket.number}}「{{ticket.subject}}」が再開されました。',
    },
    solved: {
      subject: '[#{{ticket.number}}] 解決済み：{{ticket.subject}}',
      body: 'チケット #{{ticket.number}}「{{ticket.subject}}」は解決済みになりました。ご不明な点が残っている場合は、もう一度ご連絡ください。',
    },
    status_changed: {
      subject: '[#{{ticket.number}}] {{ticket.status}}：{{ticket.subject}}',
      body: 'チケット #{{ticket.number}}「{{ticket.subject}}」のステータスが「{{ticket.status}}」になりました。',
    },
    new_ticket: {
      subject: '[#{{ticket.number}}] 新規：{{ticket.subject}}',
      body: '{{requester.name}} さんから{{queue.name|担当のキュー}}に新しいチケットが届きました：#{{ticket.number}}「{{ticket.subject}}」',
    },
  },
  unproven: {
    received: {
      subject: '[#{{ticket.number}}] お問い合わせを受け付けました',
      body: 'このメールアドレスからのお問い合わせを受け付けました。できるだけ早くご返信いたします。\n\nお心当たりのない場合は、このメールを破棄してください。',
    },
    news: {
      subject: '[#{{ticket.number}}] お問い合わせに更新があります',
      body: 'お問い合わせ #{{ticket.number}} に更新があります。\n\nお心当たりのない場合は、このメールを破棄してください。',
    },
  },
  digest: { subject: 'お知らせのまとめ', body: '次のような更新がありました。' },
  items: {
    mentioned: '{{actor.name}} さんがあなたをメンションしました',
    assigned: '担当になりました',
    reply: '{{actor.name}} さんが返信しました',
    note: '{{actor.name}} さんがメモを残しました',
    pending_reminder: '期限が来ました',
    reopened: '再開されました',
    solved: '解決済みになりました',
    status_changed: 'ステータスが変わりました',
    new_ticket: '新規',
    ticket_received: '受け付けました',
  },
  statuses: { new: '新規', open: '対応中', pending: 'お客様の返信待ち', on_hold: '保留', solved: '解決済み', closed: '完了' },
  files: '添付ファイル：',
  answer: 'このメールにそのまま返信できます。',
  unsubscribe: 'このようなメールの配信を停止する',
  marker: '## この行より上に返信を書いてください ##',
}

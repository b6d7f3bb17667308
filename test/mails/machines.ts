// What machines write: delivery reports in many dialects, out-of-office notes, lists and newsletters.
import { DESK, fieldsOf, joined, mailOf, part, plain, type Sample, textPart } from './sample.ts'

/** Whom a report says that it could not reach, and with which mail. */
export const RETURNED = { recipient: 'ben@gone.example', message_id: '<sent-1@desk.example>' }

const { recipient, message_id } = RETURNED

const reports: [string, { from: string; subject: string; text: string; fields: string; status: string; action?: string }][] = [
  [
    'Postfix',
    {
      from: 'MAILER-DAEMON@mx.example (Mail Delivery System)',
      subject: 'Undelivered Mail Returned to Sender',
      text: `I'm sorry to have to inform you that your message could not be delivered.\n\n<${recipient}>: host mx.gone.example said: 550 5.1.1 User unknown`,
      fields: 'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
      status: '5.1.1',
    },
  ],
  [
    'Postfix, delayed',
    {
      from: 'MAILER-DAEMON@mx.example',
      subject: 'Delayed Mail (still being retried)',
      text: 'Your message could not be delivered for more than 4 hours.',
      fields: 'Will-Retry-Until: Fri, 27 Nov 2026 10:00:00 +0100',
      status: '4.4.1',
      action: 'delayed',
    },
  ],
  [
    'Sendmail',
    {
      from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx.example>',
      subject: 'Returned mail: see transcript for details',
      text: `----- The following addresses had permanent fatal errors -----\n<${recipient}>`,
      fields: 'Diagnostic-Code: SMTP; 550 5.1.1 unknown',
      status: '5.1.1',
    },
  ],
  [
    'Exim',
    {
      from: 'Mail Delivery System <Mailer-Daemon@mx.example>',
      subject: 'Mail delivery failed: returning message to sender',
      text: `This message was created automatically by mail delivery software.\n\n  ${recipient}\n    Unrouteable address`,
      fields: 'Remote-MTA: dns; mx.gone.example',
      status: '5.0.0',
    },
  ],
  [
    'Exchange',
    {
      from: 'postmaster@corp.example',
      subject: 'Undeliverable: Printer',
      text: `Delivery has failed to these recipients or groups:\n\n${recipient}\nThe email address you entered couldn't be found.`,
      fields: 'Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound',
      status: '5.1.10',
    },
  ],
  [
    'Microsoft 365',
    {
      from: 'Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example>',
      subject: 'Unzustellbar: Printer',
      text: `Ihre Nachricht an ${recipient} konnte nicht zugestellt werden.`,
      fields: 'Diagnostic-Code: smtp;550 5.4.1 Recipient address rejected',
      status: '5.4.1',
    },
  ],
  [
    'Gmail',
    {
      from: 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
      subject: 'Delivery Status Notification (Failure)',
      text: `Address not found\n\nYour message wasn't delivered to ${recipient}`,
      fields: 'Diagnostic-Code: smtp; 550-5.1.1 The email account does not exist',
      status: '5.1.1',
    },
  ],
  [
    'Gmail, delayed',
    {
      from: 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
      subject: 'Delivery Status Notification (Delay)',
      text: 'There was a temporary problem. Gmail will retry for 46 more hours.',
      fields: 'Will-Retry-Until: Tue, 24 Nov 2026 10:00:00 -0800 (PST)',
      status: '4.4.1',
      action: 'delayed',
    },
  ],
  [
    'Yahoo',
    {
      from: 'MAILER-DAEMON@yahoo.example',
      subject: 'Failure Notice',
      text: `Sorry, we were unable to deliver your message to the following address.\n\n<${recipient}>:\n554: delivery error: This user doesn't have an account`,
      fields: 'Diagnostic-Code: smtp; 554 delivery error',
      status: '5.0.0',
    },
  ],
  [
    'a full mailbox',
    {
      from: 'MAILER-DAEMON@mx.example',
      subject: 'Undelivered Mail Returned to Sender',
      text: 'mailbox full',
      fields: 'Diagnostic-Code: smtp; 452 4.2.2 Mailbox full',
      status: '4.2.2',
    },
  ],
  [
    'a blocked mail',
    {
      from: 'MAILER-DAEMON@mx.example',
      subject: 'Undelivered Mail Returned to Sender',
      text: 'blocked as spam',
      fields: 'Diagnostic-Code: smtp; 554 5.7.1 Message rejected as spam',
      status: '5.7.1',
    },
  ],
  [
    'a delivery that went well',
    {
      from: 'MAILER-DAEMON@mx.example',
      subject: 'Successful Mail Delivery Report',
      text: 'Your message was delivered.',
      fields: 'Diagnostic-Code: smtp; 250 2.0.0 Ok',
      status: '2.0.0',
      action: 'delivered',
    },
  ],
]

const free: [string, { from: string; subject: string; text: string; changes?: Record<string, string> }][] = [
  [
    'qmail',
    {
      from: 'MAILER-DAEMON@qmail.example',
      subject: 'failure notice',
      text: `Hi. This is the qmail-send program at qmail.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<${recipient}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: ${message_id}\nTo: ${recipient}\n`,
    },
  ],
  [
    'Exim in plain words',
    {
      from: 'Mail Delivery System <Mailer-Daemon@exim.example>',
      subject: 'Mail delivery failed: returning message to sender',
      changes: { 'X-Failed-Recipients': recipient },
      text: `A message that you sent could not be delivered to one or more of its recipients.\n\n  ${recipient}\n    all relevant MX records point to non-existent hosts\n\n------ This is a copy of the message ------\n\nMessage-ID: ${message_id}\n`,
    },
  ],
  [
    'Exim, delayed',
    {
      from: 'Mail Delivery System <Mailer-Daemon@exim.example>',
      subject: 'Warning: message 1abc delayed 24 hours',
      text: `This message was created automatically.\nThe message identifier is: 1abc\n\n  ${recipient}\n\nNo action is required on your part.`,
    },
  ],
  [
    'an old Exchange',
    {
      from: 'System Administrator <postmaster@corp.example>',
      subject: 'Undeliverable: Printer',
      text: `Your message did not reach some or all of the intended recipients.\n\n      Subject: Printer\n\n      ${recipient} on 22.11.2026 10:00\n            The e-mail account does not exist.`,
    },
  ],
  [
    'Lotus Domino',
    {
      from: 'MAILER-DAEMON@domino.example',
      subject: 'DELIVERY FAILURE: User ben not listed in Domino Directory',
      text: `Your message\n\n  Subject: Printer\n\nwas not delivered to:\n\n  ${recipient}\n\nbecause:\n\n  User ben not listed in Domino Directory`,
    },
  ],
  [
    'in German',
    {
      from: 'MAILER-DAEMON@post.example',
      subject: 'Mail konnte nicht zugestellt werden',
      text: `Die folgende Adresse ist dauerhaft nicht erreichbar:\n<${recipient}>\n\nMessage-ID: ${message_id}`,
    },
  ],
  [
    'in French',
    {
      from: 'MAILER-DAEMON@poste.example',
      subject: 'Échec de la remise du message',
      text: `Le message n'a pas pu être remis à ${recipient}`,
    },
  ],
  [
    'in Spanish',
    { from: 'MAILER-DAEMON@correo.example', subject: 'Mensaje no entregado', text: `No se pudo entregar a ${recipient}` },
  ],
  [
    'in Japanese',
    { from: 'MAILER-DAEMON@mail.example', subject: '=?utf-8?B?6YWN5L+h5aSx5pWX?=', text: `配信できませんでした: ${recipient}` },
  ],
]

const away: [string, string, string, Record<string, string>][] = [
  ['RFC 3834', 'Auto: away', 'I am away until Monday.', { 'Auto-Submitted': 'auto-replied' }],
  ['RFC 3834 with a comment', 'Auto: away', 'I am away.', { 'Auto-Submitted': 'auto-replied (vacation)' }],
  ['RFC 3834, generated', 'Your order', 'Your order was sent.', { 'Auto-Submitted': 'auto-generated' }],
  [
    'Outlook',
    'Automatic reply: Printer',
    'I am out of office.',
    { 'X-Auto-Response-Suppress': 'All', 'Auto-Submitted': 'auto-generated' },
  ],
  [
    'Outlook in German',
    'Automatische Antwort: Printer',
    'Ich bin nicht im Büro.',
    { 'X-Auto-Response-Suppress': 'DR, OOF, AutoReply', 'Auto-Submitted': 'auto-generated' },
  ],
  [
    'Outlook in French',
    '=?utf-8?Q?R=C3=A9ponse_automatique_:_Printer?=',
    'Je suis absent.',
    { 'X-Auto-Response-Suppress': 'All', 'Auto-Submitted': 'auto-generated' },
  ],
  [
    'Outlook in Spanish',
    '=?utf-8?Q?Respuesta_autom=C3=A1tica:_Printer?=',
    'Estoy fuera.',
    { 'X-Auto-Response-Suppress': 'All', 'Auto-Submitted': 'auto-generated' },
  ],
  [
    'Outlook in Japanese',
    '=?utf-8?B?6Ieq5YuV5b+c562UOg==?= Printer',
    '不在です。',
    { 'X-Auto-Response-Suppress': 'All', 'Auto-Submitted': 'auto-generated' },
  ],
  ['Gmail', 'Re: Printer', 'I am on vacation.', { 'Auto-Submitted': 'auto-replied', Precedence: 'bulk', 'X-Autoreply': 'yes' }],
  ['vacation(1)', 'Away from my mail', 'I will read it later.', { Precedence: 'bulk', 'Auto-Submitted': 'auto-replied' }],
  ['X-Autoreply', 'Re: Printer', 'I am away.', { 'X-Autoreply': 'yes' }],
  ['X-Autorespond', 'Re: Printer', 'I am away.', { 'X-Autorespond': 'Printer' }],
  ['X-AutoReply-From', 'Re: Printer', 'I am away.', { 'X-AutoReply-From': 'mia@customer.example' }],
  ['Precedence: auto_reply', 'Re: Printer', 'I am away.', { Precedence: 'auto_reply' }],
  ['an empty return path and Auto-Submitted', 'Away', 'I am away.', { 'Return-Path': '<>', 'Auto-Submitted': 'auto-replied' }],
  [
    'a help desk (Zammad)',
    '[Ticket#1] Printer',
    'Thank you for your email.',
    { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All', Precedence: 'bulk' },
  ],
  [
    'a help desk (OTRS)',
    '[Ticket#2026112200001] Printer',
    'Vielen Dank für Ihre Anfrage.',
    { 'Auto-Submitted': 'auto-generated', Precedence: 'bulk', 'X-Powered-By': 'OTRS' },
  ],
]

export const machines: Sample[] = [
  ...reports.map(
    ([name, { from, subject, text, fields, status, action = 'failed' }]): Sample => ({
      name: `report: ${name}`,
      raw: reportOf(name, { from, subject, text, fields, status, action }),
      expect: { class: 'bounce' },
    }),
  ),
  ...free.map(
    ([name, { from, subject, text, changes }]): Sample => ({
      name: `bounce: ${name}`,
      raw: plain(`bounce ${name}`, text, {
        From: from,
        Subject: Buffer.from(subject).toString('latin1'),
        'Return-Path': '<>',
        ...changes,
      }),
      expect: { class: 'bounce' },
    }),
  ),
  ...away.map(
    ([name, subject, text, changes]): Sample => ({
      name: `away: ${name}`,
      raw: plain(`away ${name}`, text, { Subject: subject, ...changes }),
      expect: { class: 'auto_reply' },
    }),
  ),
  {
    name: 'no away note: Auto-Submitted: no',
    raw: plain('not auto', 'I wrote this.', { 'Auto-Submitted': 'no' }),
    expect: { class: 'person' },
  },
  {
    name: 'no away note: its subject alone looks like one',
    raw: plain('looks auto', 'Why did I get this?', { Subject: 'Re: Automatic reply: Printer' }),
    expect: { class: 'person' },
  },
  {
    name: 'no bounce: somebody forwards one',
    raw: plain('forwards bounce', 'I got this, what does it mean?\n\n> Undelivered Mail Returned to Sender', {
      Subject: 'Fwd: Undelivered Mail Returned to Sender',
    }),
    expect: { class: 'person' },
  },
  {
    name: 'a list',
    raw: plain('list', 'Hello list.', {
      'List-Id': '<users.lists.example>',
      Precedence: 'list',
      'List-Unsubscribe': '<mailto:leave@lists.example>',
    }),
    expect: { class: 'list' },
  },
  {
    name: 'a newsletter',
    raw: plain('newsletter', 'Our offers.', {
      'List-Unsubscribe': '<https://news.example/leave>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      Precedence: 'bulk',
    }),
    expect: {},
  },
  { name: 'a read receipt', raw: receipt('displayed'), expect: {} },
  { name: 'a receipt that it was deleted unread', raw: receipt('deleted'), expect: {} },
  { name: 'a complaint (RFC 5965)', raw: complaint(), expect: {} },
]

function reportOf(
  name: string,
  {
    from,
    subject,
    text,
    fields,
    status,
    action,
  }: { from: string; subject: string; text: string; fields: string; status: string; action: string },
): Buffer {
  const head = fieldsOf(`report ${name}`, {
    From: from,
    Subject: subject,
    'Return-Path': '<>',
    'Auto-Submitted': 'auto-replied',
    'Content-Type': 'multipart/report; report-type=delivery-status; boundary="rep"',
  })
  const status_part = `Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ${recipient}\nAction: ${action}\nStatus: ${status}\n${fields}\n`
  return mailOf(
    head,
    joined('rep', [
      textPart(text),
      part({ 'Content-Type': 'message/delivery-status' }, status_part),
      part(
        { 'Content-Type': 'text/rfc822-headers' },
        `From: ${DESK}\nTo: ${recipient}\nSubject: Printer\nMessage-ID: ${message_id}\n`,
      ),
    ]),
  )
}

function receipt(disposition: string): Buffer {
  const head = fieldsOf(`receipt ${disposition}`, {
    Subject: 'Read: Printer',
    'Content-Type': 'multipart/report; report-type=disposition-notification; boundary="mdn"',
  })
  const fields = `Reporting-UA: mail.example\nFinal-Recipient: rfc822; mia@customer.example\nOriginal-Message-ID: ${message_id}\nDisposition: manual-action/MDN-sent-manually; ${disposition}\n`
  return mailOf(
    head,
    joined('mdn', [textPart('Your message was read.'), part({ 'Content-Type': 'message/disposition-notification' }, fields)]),
  )
}

function complaint(): Buffer {
  const head = fieldsOf('complaint', {
    From: 'feedback@isp.example',
    Subject: 'FW: Printer',
    'Content-Type': 'multipart/report; report-type=feedback-report; boundary="arf"',
  })
  const fields = 'Feedback-Type: abuse\nUser-Agent: Reports/1.0\nVersion: 1\n'
  return mailOf(
    head,
    joined('arf', [
      textPart('This is an abuse report.'),
      part({ 'Content-Type': 'message/feedback-report' }, fields),
      part({ 'Content-Type': 'text/rfc822-headers' }, `Message-ID: ${message_id}\nTo: ${recipient}\n`),
    ]),
  )
}

import { Readable } from 'node:stream'
import type { FileStore } from '../../platform/files/file-store.ts'
import { StorageFull, StorageUnavailable } from '../../platform/files/problems.ts'
import { accepted, bytes, ok } from '../../platform/http/answer.ts'
import { listByCreation } from '../../platform/http/list.ts'
import { InvalidToken, MalformedForm, RouteNotFound } from '../../platform/http/problems.ts'
import { receiveForm } from '../../platform/http/receive-form.ts'
import { admins, type Route, route, staff } from '../../platform/http/route.ts'
import { invalidParameter } from '../../platform/http/validate.ts'
import type { Ground } from '../../platform/module.ts'
import { isSameSecret } from '../../platform/secrets.ts'
import { replayMail } from './commands/replay-mail.ts'
import { type Deliver, findEnabledMailbox, targetsOf } from './delivering.ts'
import { isFromMailgun, MAILGUN_MAIL, recipientsOf } from './mailgun.ts'
import { openPostmark } from './postmark.ts'
import { MailGone, MailIsEmpty, MailIsUnderWay, MailTooLarge, MailWasApplied } from './problems.ts'
import { getVisibleInboundMail, toExplainedMail, toInboundMail, wantedInboundMails } from './queries.ts'
import { isKept, openRaw } from './raw.ts'
import * as shape from './schema.ts'

const read = { roles: staff, scope: 'inbound:read' }
const write = { roles: admins, scope: 'inbound:write' }
const tag = 'Inbound mail'
const arriving = [MailTooLarge, MailIsEmpty, StorageFull, StorageUnavailable]

export interface InboundHouse extends Pick<Ground, 'clock' | 'cursors' | 'log'> {
  files: FileStore
  deliver: Deliver
  limitBytes: number
  mailgunSigningKey: string | undefined
  postmarkSecret: string | undefined
  /** Says that there is something to do. */
  wake(): void
}

/** The operations on mail that comes in. */
export function inboundRoutes(house: InboundHouse): Route[] {
  return [...readingRoutes(house), rawRoute(house), mailgunRoute(house), postmarkRoute(house)]
}

function readingRoutes({ cursors, files, log, wake }: InboundHouse): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/inbound-mails',
      operationId: 'listInboundMails',
      summary: 'List mails that came in',
      description:
        'Every mail that came in, by whichever door, and what became of it. Admins see all, agents those of tickets whose internal side they see.',
      tag,
      access: read,
      query: shape.InboundMailQuery,
      answers: { 200: shape.InboundMailList },
      handle: ({ actor, query, db }) =>
        listByCreation(wantedInboundMails(db, actor, query), {
          path: '/v1/inbound-mails',
          query,
          cursors,
          view: actor.role === 'admin' ? 'admin' : actor.id,
          toObjects: (rows) => rows.map(toInboundMail),
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/inbound-mails/:inbound_mail',
      operationId: 'getInboundMail',
      summary: 'Get a mail that came in',
      description: 'With `explain`: every step and decision, the first one first.',
      tag,
      access: read,
      params: shape.InboundMailParams,
      answers: { 200: shape.InboundMail },
      handle: async ({ actor, params, db }) => {
        const row = await getVisibleInboundMail(db, actor, params.inbound_mail)
        return ok(toExplainedMail(row), { etag: `v${row.version}` })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/inbound-mails/:inbound_mail/raw',
      operationId: 'getInboundMailContent',
      summary: 'Download a mail as it came in',
      description: 'Its bytes, as they came in, as `message/rfc822`; checked while they are read. Never opened in a page.',
      tag,
      access: read,
      params: shape.InboundMailParams,
      answers: { 200: null },
      content: 'The mail.',
      problems: [MailGone, StorageUnavailable],
      handle: async ({ actor, params, db }) => {
        const row = await getVisibleInboundMail(db, actor, params.inbound_mail)
        if (!isKept(row)) throw MailGone()
        const open = async (range?: { start: number; end: number }) => {
          if (range && range.end - range.start + 1 < row.size) return files.read(row.storage_key, range)
          return openRaw(files, row, (err) => log.error({ err, inbound_mail_id: row.id }, 'a kept mail is damaged'))
        }
        return bytes(
          { type: 'message/rfc822', size: row.size, open },
          {
            etag: row.sha256,
            headers: {
              'Content-Disposition': `attachment; filename="${row.id}.eml"`,
              'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
              'Cache-Control': 'private, no-cache',
            },
          },
        )
      },
    }),
    route({
      method: 'POST',
      path: '/v1/inbound-mails/:inbound_mail/replay',
      operationId: 'replayInboundMail',
      summary: 'Work on a mail once more',
      description:
        'From the start, as if it had just come in: for one in quarantine whose cause is mended, or one that was ignored. What a mail did is not done twice: one whose ticket and message are still there is refused. For admins.',
      tag,
      access: write,
      params: shape.InboundMailParams,
      answers: { 202: shape.InboundMail },
      problems: [MailGone, MailWasApplied, MailIsUnderWay],
      handle: ({ actor, params, transact }) =>
        transact(async (tx) => {
          const row = await replayMail(tx, actor, { id: params.inbound_mail })
          tx.afterCommit(wake)
          return accepted(toExplainedMail(row), { etag: `v${row.version}` })
        }),
    }),
  ]
}

function rawRoute({ deliver, limitBytes }: InboundHouse): Route {
  return route({
    method: 'POST',
    path: '/v1/inbound/raw',
    operationId: 'receiveRawMail',
    summary: 'Hand over a mail as it is',
    description:
      'Takes one mail, header and all, as it comes over the wire, for whatever brings mail here that speaks neither SMTP nor IMAP. When this is answered it is kept, synced to disk; what it does follows. Sent again, it is the same mail: `copy`. Say by `to` or `mailbox` where it came; without them its own header decides. For admins.',
    tag,
    access: write,
    query: shape.RawQuery,
    rawBody: { description: 'The mail, RFC 5322.', types: { 'message/rfc822': 'the bytes of the mail' } },
    answers: { 202: shape.Received },
    problems: arriving,
    handle: async ({ query, db, takeBody }) => {
      const { mailbox, to = [], from } = query
      const named = mailbox === undefined ? undefined : await findEnabledMailbox(db, mailbox)
      if (mailbox !== undefined && !named) throw invalidParameter('mailbox', 'names no mailbox that takes mail')
      const targets = named
        ? [{ mailbox_id: named.id, envelope_to: to.length > 0 ? to : [named.address] }]
        : await targetsOf(db, to)
      const received = await takeBody(({ content, length }) => {
        requireFits(length, limitBytes)
        const mail = Readable.from(something(content), { objectMode: false })
        return deliver({ source: 'http', source_ref: null, envelope_from: from ?? null, targets, content: mail })
      })
      return accepted(received)
    },
  })
}

const MAILGUN_FORM =
  '{"recipient":"support@example.com","sender":"ada@example.com","timestamp":"1764000000","token":"…","signature":"…","body-mime":"the bytes of the mail"}'

function mailgunRoute({ deliver, limitBytes, mailgunSigningKey: key, clock }: InboundHouse): Route {
  return route({
    method: 'POST',
    path: '/v1/inbound/mailgun',
    operationId: 'receiveMailgunMail',
    summary: 'Hand over a mail by Mailgun',
    description:
      'For a route of Mailgun: `forward("https://HOST/v1/inbound/mailgun?as=mime")`. Signed by the key in `BECKON_MAILGUN_SIGNING_KEY`, without which there is no such path; a signature is good for a quarter of an hour, and for one mail.',
    tag,
    access: 'open',
    query: shape.MailgunQuery,
    rawBody: {
      description: 'The form of Mailgun, with the mail in `body-mime`.',
      types: { 'multipart/form-data': MAILGUN_FORM, 'application/x-www-form-urlencoded': MAILGUN_FORM },
    },
    answers: { 202: shape.Received },
    problems: [...arriving, RouteNotFound, InvalidToken, MalformedForm],
    handle: async ({ db, takeBody }) => {
      if (key === undefined) throw RouteNotFound()
      const received = await takeBody(async ({ content, content_type, length }) => {
        // The form has some lines around the mail.
        requireFits(length, limitBytes + 1_048_576)
        const form = { content_type, part: MAILGUN_MAIL, take: deliver.spool }
        const { fields, taken: mail } = await receiveForm(content, form)
        try {
          if (!isFromMailgun(fields, { key, now: clock.now() }))
            throw InvalidToken({ headers: { 'WWW-Authenticate': 'Mailgun' } })
          if (!mail || mail.size === 0) throw MailIsEmpty()
          return await deliver({
            source: 'mailgun',
            source_ref: `mailgun/${fields.get('token')?.slice(0, 200)}`,
            envelope_from: fields.get('sender') ?? null,
            targets: await targetsOf(db, recipientsOf(fields)),
            content: deliver.open(mail),
          })
        } finally {
          if (mail) await deliver.discard(mail)
        }
      })
      return accepted(received)
    },
  })
}

const POSTMARK_JSON =
  '{"OriginalRecipient":"support@example.com","From":"ada@example.com","RawEmail":"the mail","Attachments":[]}'

function postmarkRoute({ deliver, limitBytes, postmarkSecret }: InboundHouse): Route {
  return route({
    method: 'POST',
    path: '/v1/inbound/postmark',
    operationId: 'receivePostmarkMail',
    summary: 'Hand over a mail by Postmark',
    description:
      'For the inbound webhook of Postmark, with “Include raw email content”: `https://postmark:SECRET@HOST/v1/inbound/postmark`, the secret being that in `BECKON_POSTMARK_SECRET`, without which there is no such path.',
    tag,
    access: 'open',
    rawBody: { description: 'The JSON of Postmark, with the mail in `RawEmail`.', types: { 'application/json': POSTMARK_JSON } },
    answers: { 202: shape.Received },
    problems: [...arriving, RouteNotFound, InvalidToken],
    handle: async ({ db, takeBody }) => {
      if (postmarkSecret === undefined) throw RouteNotFound()
      const received = await takeBody(async ({ content, authorization, length }) => {
        if (!isSameSecret(passwordIn(authorization), postmarkSecret))
          throw InvalidToken({ headers: { 'WWW-Authenticate': 'Basic realm="Postmark"' } })
        // Attachments stand in it twice, and as base64.
        requireFits(length, limitBytes * 3 + 1_048_576)
        const postmark = openPostmark(content)
        const mail = await deliver.spool(postmark.mail)
        try {
          if (!postmark.hasMail()) throw MailIsEmpty({ detail: 'The webhook must include the raw email content.' })
          const recipient = postmark.fields.get('OriginalRecipient')
          return await deliver({
            source: 'postmark',
            source_ref: null,
            envelope_from: postmark.fields.get('From') ?? null,
            targets: await targetsOf(db, recipient ? [recipient] : []),
            content: deliver.open(mail),
          })
        } finally {
          await deliver.discard(mail)
        }
      })
      return accepted(received)
    },
  })
}

async function* something(content: Readable): AsyncIterable<Buffer> {
  let isEmpty = true
  for await (const chunk of content as AsyncIterable<Buffer>) {
    isEmpty = false
    yield chunk
  }
  if (isEmpty) throw MailIsEmpty()
}

function requireFits(length: number | undefined, most: number): void {
  if (length !== undefined && length > most) throw MailTooLarge()
}

/** The password of basic authentication (RFC 7617 §2); '' where there is none. */
function passwordIn(authorization: string | undefined): string {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/=]{1,1000})$/i.exec(authorization ?? '') ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

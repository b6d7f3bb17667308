import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { formOf } from '../forms.ts'
import { type Cast, done, refused, type Telling } from './telling.ts'

/** The settings under which mail is handed over in the story. */
export const mailEnv = { BECKON_MAILGUN_SIGNING_KEY: 'a-key-of-mailgun', BECKON_POSTMARK_SECRET: 'a-secret-for-postmark' }

/** A bounce of nothing: it is kept, and nothing comes of it. */
function mailCalled(name: string): string {
  return `From: MAILER-DAEMON@mail.example\r\nSubject: ${name}\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <${name}@mail.example>\r\n\r\nNobody is here.\r\n`
}

/** Between the chapters: mail is handed over by each door, and Grace looks at what came. */
export async function takeMail({ desk, anyone }: Telling, { grace, bob }: Cast): Promise<void> {
  const rfc822 = { 'content-type': 'message/rfc822' }
  const { mails } = await done(grace.post('/v1/inbound/raw?from=', mailCalled('raw'), rfc822), 202)
  await refused(grace.post('/v1/inbound/raw', '', rfc822), 'mail_is_empty')
  const timestamp = String(Math.floor(desk.clock.now() / 1000))
  const signature = createHmac('sha256', mailEnv.BECKON_MAILGUN_SIGNING_KEY).update(`${timestamp}token`).digest('hex')
  const fields = { recipient: 'help@desk.example', timestamp, token: 'token', signature, 'body-mime': mailCalled('mailgun') }
  const form = formOf(Object.entries(fields).map(([part, content]) => ({ part, content })))
  await done(anyone.post('/v1/inbound/mailgun', form.body, { 'content-type': form.type }), 202)
  const authorization = `Basic ${Buffer.from(`postmark:${mailEnv.BECKON_POSTMARK_SECRET}`).toString('base64')}`
  const json = { OriginalRecipient: 'help@desk.example', From: 'ada@example.com', RawEmail: mailCalled('postmark') }
  await done(anyone.post('/v1/inbound/postmark', json, { authorization }), 202)
  await desk.settle()

  const listed = await done(grace.get('/v1/inbound-mails'))
  assert.equal(listed.data.length, 3)
  const path = `/v1/inbound-mails/${mails[0].id}`
  await done(grace.get(path))
  await done(grace.get(`${path}/raw`))
  await refused(bob.get(path), 'forbidden')
  await done(grace.post(`${path}/replay`), 202)
  await desk.settle()
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { readUnsubscribeToken } from './unsubscribe.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

interface Sent {
  to_address: string
  subject: string
  text: string
  html: string | null
}

/** The mails in the outbox to somebody that are new since the last call, as they were kept. */
function postOf(desk: Desk) {
  const seen = new Set<string>()
  return async (email: string): Promise<Sent[]> => {
    await desk.settle()
    const rows = (await desk.query('select * from outbox_mails order by created_at, id')) as (Sent & { id: string })[]
    const fresh = rows.filter(({ id, to_address }) => !seen.has(id) && to_address === email)
    for (const { id } of fresh) seen.add(id)
    return fresh
  }
}

async function raiseFor(by: Person, email: string, more: object = {}): Promise<Json> {
  const reply = await by.post('/v1/tickets', {
    subject: 'BUY NOW',
    body: 'CHEAP PILLS',
    requester: { email, name: 'WIN BIG' },
    ...more,
  })
  assert.equal(reply.status, 201, reply.text)
  return reply.body
}

test('mail in every sense: what it says, to whom, and when', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '86400' } })
  const { clock } = desk
  const post = postOf(desk)
  const admin = await desk.person({ role: 'admin', name: 'Root' })
  const bob = await desk.person({ role: 'agent', name: 'Bob <b>Bold</b>' })
  const ada = await desk.person({ name: 'Ada Lovelace' })
  const key = (await admin.post('/v1/api-keys', { name: 'form', role: 'agent' })).body.secret as string
  const form = desk.bearer(key)

  await t.test('names and subjects are text, and no header ends in them', async () => {
    const ticket = (await ada.post('/v1/tickets', { subject: 'A <script>alert(1)</script> & more', body: 'See it.' })).body
    const [received] = await post(ada.email)
    assert.equal(received?.subject, `[#${ticket.number}] A <script>alert(1)</script> & more`)
    assert.match(received?.text ?? '', /^Hello Ada,\n\nWe have received your request/)
    await bob.post(`/v1/tickets/${ticket.id}/messages`, { body: '<script>alert(2)</script> Hello' })
    const [answer] = await post(ada.email)
    assert.doesNotMatch(answer?.html ?? '', /<script|<b>Bold/)
    assert.match(answer?.html ?? '', /<html lang="en" dir="ltr">/)
  })

  await t.test('it speaks the language of its reader, else that of the desk', async () => {
    for (const [locale, subject, hello] of [
      ['de-AT', /Gelöst/, /Guten Tag/],
      ['ja', /解決済み/, /様/],
      ['ar', /تم الحل/, /مرحبًا/],
      ['zh-Hans-CN', /已解决/, /您好/],
      ['nl', /Solved/, /Hello/],
    ] as const) {
      await ada.patch('/v1/me', { locale })
      const ticket = (await ada.post('/v1/tickets', { subject: 'Lampe', body: 'x' })).body
      await post(ada.email)
      await bob.patch(`/v1/tickets/${ticket.id}`, { status: 'solved' })
      const mail = (await post(ada.email)).at(-1)
      assert.match(mail?.subject ?? '', subject)
      assert.match(mail?.text ?? '', hello)
      if (locale === 'ar') assert.match(mail?.html ?? '', /<html lang="ar" dir="rtl">/)
    }
    await ada.patch('/v1/me', { locale: null })
    await admin.patch('/v1/settings', { mail_locale: 'fr' })
    await ada.post('/v1/tickets', { subject: 'Lampe', body: 'x' })
    assert.match((await post(ada.email)).at(-1)?.text ?? '', /Bonjour Ada/)
    await admin.patch('/v1/settings', { mail_locale: 'en' })
    assert.equal((await ada.patch('/v1/me', { locale: 'not a language' })).status, 422)
    assert.equal((await ada.patch('/v1/me', { time_zone: 'Mars/Olympus' })).status, 422)
    assert.equal((await ada.patch('/v1/me', { time_zone: '+01:00' })).status, 422)
  })

  await t.test('an admin words it by queue and language, part by part, and the closest counts', async () => {
    const general = (await admin.get('/v1/queues?key=general')).body.data[0].id
    const other = (await admin.post('/v1/queues', { key: 'other', name: 'Other', public: true })).body.id
    const create = (body: object) => admin.post('/v1/mail-templates', { kind: 'solved', ...body })
    const ids: string[] = []
    for (const body of [
      { queue_id: general, locale: 'de', subject: 'queue+de {{ticket.number}}' },
      { queue_id: general, subject: 'queue', signature: 'of the queue, {{mailbox.name|us}}' },
      { locale: 'de', subject: 'de', greeting: 'Servus {{recipient.first_name}} \\{{x}},' },
      { subject: 'all' },
    ]) {
      const made = await create(body)
      assert.equal(made.status, 201, made.text)
      ids.push(made.body.id)
    }
    const solve = async (queue_id: string, locale: string | null) => {
      await ada.patch('/v1/me', { locale })
      const ticket = (await ada.post('/v1/tickets', { subject: 'Lampe', body: 'x', queue_id: other })).body
      // The receipt is older than what is looked at.
      await desk.settle()
      desk.clock.advance(1000)
      await admin.patch(`/v1/tickets/${ticket.id}`, { queue_id })
      await admin.patch(`/v1/tickets/${ticket.id}`, { status: 'solved' })
      return { mail: (await post(ada.email)).at(-1), ticket }
    }
    const here = await solve(general, 'de-AT')
    assert.equal(here.mail?.subject, `queue+de ${here.ticket.number}`)
    assert.match(here.mail?.text ?? '', /^Servus Ada \{\{x\}\},\n/)
    assert.match(here.mail?.text ?? '', /-- \nof the queue, us\n/)
    assert.equal((await solve(general, 'en')).mail?.subject, 'queue')
    assert.equal((await solve(other, 'de')).mail?.subject, 'de')
    assert.equal((await solve(other, 'en')).mail?.subject, 'all')
    assert.equal((await create({ subject: 'all' })).body.code, 'mail_template_taken')
    assert.equal((await create({ locale: 'fr', body: '{{requester.email}}' })).status, 422)
    assert.equal((await create({ locale: 'fr', body: '{{#if x}}' })).status, 422)
    assert.equal((await create({ locale: 'fr', subject: 'two\nlines' })).status, 422)
    const preview = await admin.post('/v1/mail-templates/preview', {
      kind: 'reply',
      locale: 'de',
      greeting: '<i>Hi</i> {{actor.name}}',
    })
    assert.match(preview.body.text, /<i>Hi<\/i> Grace Hopper/)
    assert.match(preview.body.html, /&#60;i&#62;Hi/)
    for (const id of ids) assert.equal((await admin.delete(`/v1/mail-templates/${id}`)).status, 204)
    await ada.patch('/v1/me', { locale: null })
  })

  await t.test('in the quiet hours mail waits, and what is told then is what is so then', async () => {
    await ada.patch('/v1/me', { time_zone: 'Europe/Vienna' })
    await ada.patch('/v1/me/notifications', { quiet_hours: { from: '22:00', until: '12:00' } })
    const ticket = (await ada.post('/v1/tickets', { subject: 'Night', body: 'x' })).body
    const { body: kept } = await bob.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Kept.' })
    const { body: gone } = await bob.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Taken back.' })
    assert.deepEqual(await post(ada.email), [])
    assert.equal((await bob.delete(`/v1/tickets/${ticket.id}/messages/${gone.id}`)).status < 300, true)
    clock.advance(2 * HOUR - MINUTE)
    assert.deepEqual(await post(ada.email), [])
    clock.advance(MINUTE)
    const texts = (await post(ada.email)).map(({ text }) => text)
    assert.equal(texts.length, 2)
    assert.ok(texts.some((text) => text.includes('Kept.')))
    assert.ok(kept.id)
    const [cancelled] = await desk.query('select state, reason from outbound_mails where message_id = ?', [gone.id])
    assert.deepEqual({ ...cancelled }, { state: 'cancelled', reason: 'message_retracted' })
    await ada.patch('/v1/me/notifications', { quiet_hours: null })
  })

  await t.test('digests collapse, by ticket, without what is gone', async () => {
    await ada.patch('/v1/me/notifications', { choices: { reply: 'digest' }, digest_at: 'hourly' })
    const one = (await ada.post('/v1/tickets', { subject: 'First', body: 'x' })).body
    const two = (await ada.post('/v1/tickets', { subject: 'Second', body: 'x' })).body
    await post(ada.email)
    await bob.post(`/v1/tickets/${one.id}/messages`, { body: 'a' })
    await bob.post(`/v1/tickets/${one.id}/messages`, { body: 'b' })
    const { body: gone } = await bob.post(`/v1/tickets/${two.id}/messages`, { body: 'c' })
    await bob.delete(`/v1/tickets/${two.id}/messages/${gone.id}`)
    assert.deepEqual(await post(ada.email), [])
    clock.advance(HOUR)
    const [mail, ...more] = await post(ada.email)
    assert.equal(more.length, 0)
    assert.equal(mail?.subject, 'Your summary')
    assert.match(mail?.text ?? '', new RegExp(`#${one.number} First\n- Bob <b>Bold</b> replied`))
    assert.doesNotMatch(mail?.text ?? '', /Second/)
    clock.advance(HOUR)
    assert.deepEqual(await post(ada.email), [])

    await bob.post(`/v1/tickets/${one.id}/messages`, { body: 'd' })
    await desk.settle()
    await admin.delete(`/v1/tickets/${one.id}`)
    clock.advance(HOUR)
    assert.deepEqual(await post(ada.email), [], 'nothing is left to tell')
    await ada.patch('/v1/me/notifications', { choices: { reply: null }, digest_at: null })
  })

  await t.test('one click ends it: looking does not, and the POST of a mail program does', async () => {
    const ticket = (await ada.post('/v1/tickets', { subject: 'Enough', body: 'x' })).body
    await bob.patch(`/v1/tickets/${ticket.id}`, { status: 'solved' })
    const links = (await post(ada.email)).flatMap(({ text }) => text.match(/\/unsubscribe\?token=\S+/g) ?? [])
    const path = links.find((link) => link.includes('.solved.')) ?? ''
    assert.notEqual(path, '')
    assert.equal((await desk.anyone.get(path)).status, 200)
    assert.equal((await ada.get('/v1/me/notifications')).body.choices.solved, 'at_once')
    const click = (url: string, type: string) =>
      desk.anyone.post(url, Buffer.from('List-Unsubscribe=One-Click'), { 'content-type': type })
    assert.equal((await click(`${path}x`, 'application/x-www-form-urlencoded')).status, 422)
    assert.equal((await click(path, 'application/x-www-form-urlencoded')).status, 200)
    assert.equal((await ada.get('/v1/me/notifications')).body.choices.solved, 'off')
    assert.equal((await click(path, 'multipart/form-data; boundary=x')).status, 200)
    assert.equal(readUnsubscribeToken({ seal: () => 'x' }, `${ada.id}.solved.y`), undefined)
  })

  await t.test('an address that nobody proved gets a fixed text, one an hour and five a day', async () => {
    const email = 'stranger@example.com'
    const raise = () =>
      form.post('/v1/tickets', { subject: 'BUY NOW', body: 'CHEAP PILLS', requester: { email, name: 'WIN BIG' } })
    await raise()
    const [first, ...more] = await post(email)
    assert.equal(more.length, 0)
    assert.match(first?.subject ?? '', /^\[#\d+\] We have received your request$/)
    for (const text of [first?.subject, first?.text, first?.html]) assert.doesNotMatch(text ?? '', /BUY|CHEAP|WIN/)

    const ticket = await raiseFor(admin, 'other@example.com')
    const [letter] = await post('other@example.com')
    assert.match(letter?.text ?? '', /CHEAP PILLS/, 'what staff writes goes out in full')
    await bob.post(`/v1/tickets/${ticket.id}/messages`, { body: 'An answer **in full**.' })
    const [answer] = await post('other@example.com')
    assert.match(answer?.text ?? '', /An answer \*\*in full\*\*\./)
    assert.match(answer?.html ?? '', /<strong>in full<\/strong>/)

    await Promise.all([raise(), raise(), raise()])
    assert.equal((await post(email)).length, 0, 'within the hour')
    let sent = 1
    for (let hour = 1; hour <= 20; hour++) {
      clock.advance(HOUR)
      await Promise.all([raise(), raise()])
      sent += (await post(email)).length
    }
    assert.equal(sent, 5)
    const states = await desk.query(`select reason, count(*) as n from outbound_mails where state = 'suppressed' group by reason`)
    assert.deepEqual(
      states.map(({ reason }) => reason),
      ['unproven_address'],
    )
  })
})

// The corpus of mails in the whole house: what comes in ends somewhere, whole, and holds up nobody.
//   CORPUS=1 takes each of them; without it every twelfth.
import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'node:test'
import { type Json, openDesk } from './desk.ts'
import { corpus } from './mails/corpus.ts'

const everyNth = process.env.CORPUS === undefined ? 12 : 1
const taken = corpus.filter((_, i) => i % everyNth === 0)
const rfc822 = { 'content-type': 'message/rfc822' }

test(`${taken.length} mails of the corpus each come to one end, and are kept as they came`, async (t) => {
  const desk = await openDesk(t)
  const paul = await desk.person({ role: 'admin' })
  // It outlives the days that pass.
  const { body: key } = await paul.post('/v1/api-keys', { name: 'Post', role: 'admin', scopes: ['*'] })
  const root = desk.bearer(key.secret)
  await root.post('/v1/mailboxes', { address: 'help@desk.example', name: 'Help' })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()

  const ids = new Map<string, string>()
  for (const { name, raw } of taken) {
    const { status, body } = await root.post('/v1/inbound/raw?to=help@desk.example', raw, rfc822)
    if (raw.length === 0) assert.equal(status, 422, name)
    else {
      assert.equal(status, 202, name)
      ids.set(name, body.mails[0].id)
    }
  }
  // What failed waits for its next try, five times.
  for (let tries = 0; tries < 6; tries++) {
    await desk.settle()
    desk.clock.advance(86_400_000)
  }
  delay.disable()
  t.diagnostic(
    `the loop was held up for ${Math.round(delay.max / 1e6)} ms at most, p99 ${Math.round(delay.percentile(99) / 1e6)} ms`,
  )

  const ends: Record<string, number> = {}
  for (const { name, raw, expect } of taken) {
    const id = ids.get(name)
    if (id === undefined) continue
    const { body: mail } = await root.get(`/v1/inbound-mails/${id}`)
    assert.ok(['applied', 'ignored', 'quarantined'].includes(mail.state), `${name}: ${mail.state}`)
    ends[mail.state] = (ends[mail.state] ?? 0) + 1
    const { bytes } = await root.get(`/v1/inbound-mails/${id}/raw`)
    assert.ok(bytes.equals(raw), `${name}: its bytes are others`)
    if (expect.class === 'bounce') assert.equal(mail.ticket_id, null, `${name}: a bounce is no ticket`)
    if (mail.ticket_id !== null) await assertShown(mail, { name, never: expect.never ?? [] })
  }
  t.diagnostic(JSON.stringify(ends))

  async function assertShown(mail: Json, { name, never }: { name: string; never: readonly string[] }): Promise<void> {
    const { body: message } = await root.get(`/v1/tickets/${mail.ticket_id}/messages/${mail.message_id}?include=quoted`)
    assert.equal(message.channel, 'mail', name)
    for (const passage of never) assert.ok(!message.body_html.includes(passage), `${name}: shows ${passage}`)
  }
})

test('what is redacted in a message, or deleted with its ticket, is not read in the mail that it came by', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  await root.post('/v1/mailboxes', { address: 'help@desk.example', name: 'Help' })
  const take = async (name: string): Promise<Json> => {
    const raw = `From: Mia <mia@customer.example>\r\nTo: help@desk.example\r\nSubject: Card\r\nMessage-ID: <${name}@customer.example>\r\n\r\nMy card is 4111 1111.\r\n`
    const { body } = await root.post('/v1/inbound/raw', raw, rfc822)
    await desk.settle()
    return (await root.get(`/v1/inbound-mails/${body.mails[0].id}`)).body
  }
  const redacted = await take('one')
  const deleted = await take('two')
  const kept = await take('three')

  await root.post(`/v1/tickets/${redacted.ticket_id}/messages/${redacted.message_id}/redact`, { passage: '4111 1111' })
  await root.delete(`/v1/tickets/${deleted.ticket_id}`)
  await desk.settle()

  assert.equal((await root.get(`/v1/inbound-mails/${redacted.id}/raw`)).status, 410)
  assert.equal((await root.get(`/v1/inbound-mails/${deleted.id}/raw`)).status, 410)
  assert.equal((await root.get(`/v1/inbound-mails/${kept.id}/raw`)).status, 200)
})

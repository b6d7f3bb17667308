import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

const MX = 'mx.example'

interface Side {
  desk: Desk
  root: Person
  address: string
  /** How many of its mails have been carried on. */
  carried: Set<string>
}

async function openSide(t: test.TestContext, domain: string): Promise<Side> {
  const desk = await openDesk(t, { apart: true })
  const root = await desk.person({ role: 'admin' })
  const address = `help@${domain}`
  const made = await root.post('/v1/mailboxes', { address, name: `Help of ${domain}`, trusted_authserv_id: MX })
  assert.equal(made.status, 201, made.text)
  return { desk, root, address, carried: new Set() }
}

/** Carries what one desk has sent to the other, whose server vouches for it; answers how many. */
async function carry(from: Side, to: Side, isStripped: boolean): Promise<number> {
  await from.desk.settle()
  let count = 0
  for (const mail of (await from.desk.query('select * from outbox_mails order by created_at, id')) as Json[]) {
    if (from.carried.has(mail.id)) continue
    from.carried.add(mail.id)
    const [local = '', domain = ''] = String(mail.to_address).split('@')
    if (`${local.split('+')[0]}@${domain}` !== to.address) continue
    const headers: Record<string, string> = mail.headers === null ? {} : JSON.parse(mail.headers)
    const kept = Object.entries(headers).filter(
      ([name]) => !isStripped || !/^(auto-submitted|x-auto-response-suppress|precedence|list-|x-beckon)/i.test(name),
    )
    const head = kept.map(([name, value]) => `${name}: ${value}`).filter((line) => !/^(from|to|subject):/i.test(line))
    const raw = [
      `Authentication-Results: ${MX}; dmarc=pass header.from=${from.address.split('@')[1]}`,
      `From: Help <${from.address}>`,
      `To: ${mail.to_address}`,
      `Subject: ${mail.subject}`,
      ...head,
      '',
      mail.text,
    ].join('\r\n')
    const answer = await to.root.post('/v1/inbound/raw', Buffer.from(raw), { 'content-type': 'message/rfc822' })
    assert.equal(answer.status, 202, answer.text)
    count++
  }
  await to.desk.settle()
  return count
}

for (const isStripped of [false, true])
  test(`two desks that answer each other come to rest, ${isStripped ? 'though nothing says that machines write' : 'for they say that machines write'}`, async (t) => {
    const [a, b] = [await openSide(t, 'a.example'), await openSide(t, 'b.example')]
    const first = `Authentication-Results: ${MX}; dmarc=pass header.from=b.example\r\nFrom: <${b.address}>\r\nTo: ${a.address}\r\nSubject: Hello\r\nMessage-ID: <first@b.example>\r\n\r\nAnybody there?`
    await a.root.post('/v1/inbound/raw', Buffer.from(first), { 'content-type': 'message/rfc822' })
    await a.desk.settle()

    const rounds: number[] = []
    for (let round = 0; round < 12; round++) {
      rounds.push((await carry(a, b, isStripped)) + (await carry(b, a, isStripped)))
      // As if every mail were hours under way: no budget of an hour is ever spent.
      for (const { desk } of [a, b]) desk.clock.advance(2 * 3_600_000)
    }

    // At the least the first mail was answered: else nothing is shown here.
    assert.ok((rounds[0] ?? 0) > 0, `${rounds}`)
    assert.deepEqual(rounds.slice(-4), [0, 0, 0, 0], `${rounds}`)
    const open = (await a.desk.query(
      "select count(*) as n from inbound_mails where state not in ('applied', 'ignored')",
    )) as Json[]
    assert.equal(open[0].n, 0)
  })

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Json, openDesk, type Person } from '../../../test/desk.ts'
import { openMailIn } from '../../../test/mail-in.ts'

const numRuns = Number(process.env.TRUST_RUNS ?? 120)

/** How a mail may try to get into a ticket. */
const ways = ['token', 'message_id', 'subject', 'reference', 'wrong_token', 'wrong_message_id'] as const
const policies = ['new_ticket', 'internal_note', 'quarantine'] as const

/** One mail: who it says it is from, whom the token was made for, how it tries, and whether its domain vouches for it. */
const attempts = fc.record({
  from: fc.nat(6),
  party: fc.nat(6),
  way: fc.constantFrom(...ways),
  aligned: fc.boolean(),
  policy: fc.constantFrom(...policies),
  agents: fc.boolean(),
  ticket: fc.nat(1),
})

/** The one way that chance takes only now and then. */
const agentAnswers = { from: 5, party: 5, way: 'token', aligned: true, policy: 'new_ticket', ticket: 0 } as const

test('in a desk of all kinds of people, mail says something in public only for whom the API would let, and his domain vouches', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  const { queue_id } = await mail.mailbox()
  const root = await desk.person({ role: 'admin' })
  const org = (await root.post('/v1/organizations', { name: 'Acme' })).body.id
  const person = (email: string, more = {}) => desk.person({ email, name: email.split('@')[0] ?? '', ...more })
  const owner = await person('owner@acme.example', { organization_id: org })
  const boss = await person('boss@acme.example', { organization_id: org, organization_role: 'manager' })
  const peer = await person('peer@acme.example', { organization_id: org })
  const copied = await person('copied@else.example')
  const stranger = await person('stranger@evil.example')
  const agent = await person('agent@desk.example', { role: 'agent' })
  const outsider = await person('outsider@desk.example', { role: 'agent' })
  const people: Person[] = [owner, boss, peer, copied, stranger, agent, outsider]
  const team = (await root.post('/v1/teams', { name: 'Staff' })).body.id
  assert.ok((await root.put(`/v1/teams/${team}/members/${agent.id}`)).status < 300)
  assert.equal((await root.patch(`/v1/queues/${queue_id}`, { team_ids: [team] })).status, 200)
  const tickets: Json[] = []
  for (const subject of ['One', 'Two']) tickets.push((await owner.post('/v1/tickets', { subject, body: 'x' })).body)
  for (const { id } of tickets) assert.ok((await root.put(`/v1/tickets/${id}/participants/${copied.id}`, {})).status < 300)
  const looks = people.map(async (one) => (await one.get(`/v1/tickets/${tickets[0].id}`)).status)
  assert.deepEqual(await Promise.all(looks), [200, 200, 404, 200, 404, 200, 404])
  const seen = new Set<string>()

  await fc.assert(
    fc.asyncProperty(attempts, async (tried) => {
      const [from, party, ticket] = [people[tried.from], people[tried.party], tickets[tried.ticket]]
      assert.ok(from && party)
      await root.patch(`/v1/queues/${queue_id}`, { unverified_mail: tried.policy })
      await root.patch('/v1/settings', { agents_answer_by_mail: tried.agents })
      const before = await messagesOf(ticket.id)
      const sees = (await from.get(`/v1/tickets/${ticket.id}`)).status === 200
      const asPublic = sees && from.role === 'requester'
      const id = await mail.messageIdFor(ticket, party)
      const address = await mail.addressFor(ticket, party)

      const row = await mail.deliver({
        from: from.email,
        aligned: tried.aligned,
        text: `mail of ${from.email}`,
        ...(tried.way === 'token' ? { to: address } : {}),
        ...(tried.way === 'wrong_token' ? { to: address.replace(/.@/, (end) => (end[0] === '0' ? '1@' : '0@')) } : {}),
        ...(tried.way === 'message_id' ? { in_reply_to: [id] } : {}),
        ...(tried.way === 'wrong_message_id' ? { references: [id.replace(/.@/, (end) => (end[0] === '0' ? '1@' : '0@'))] } : {}),
        ...(tried.way === 'subject' ? { subject: `Re: [#${ticket.number}] x` } : {}),
        ...(tried.way === 'reference' ? { in_reply_to: [`<foreign-${ticket.id}@acme.example>`] } : {}),
      })

      const said = (await messagesOf(ticket.id)).slice(before.length)
      const isSigned = tried.way === 'token' || tried.way === 'message_id'
      const answersAsAgent = from.role === 'agent' && tried.agents && sees && isSigned && party.id === from.id
      // A header or a number alone opens nothing to a stranger, not even for a note.
      if (!isSigned && !asPublic) assert.equal(said.length, 0, `${from.email} got in by ${tried.way}`)
      for (const one of said) {
        if (one.visibility === 'public') {
          assert.ok(tried.aligned, 'somebody whose domain does not vouch for him writes in public')
          assert.ok(asPublic || answersAsAgent, `${from.email} writes in public`)
          assert.equal(one.author_id, from.id)
          assert.ok(!tried.way.startsWith('wrong'))
        } else assert.equal(one.author_id, 'system')
      }
      // Whom the API lets write, and for whom his domain vouches, gets through: by a token of his own, or of somebody who takes part.
      const isKnownToken = tried.way === 'token' && [from, owner, copied].includes(party)
      const getsThrough = isKnownToken || tried.way === 'message_id' || tried.way === 'subject'
      if (asPublic && tried.aligned && getsThrough) assert.equal(said[0]?.visibility, 'public')
      if (!tried.aligned && from.role === 'agent') assert.notEqual(row.state === 'applied' && row.reason === 'no_thread', true)
      // A ticket that is raised instead is his who is said to have written it, and nobody else sees it by it.
      if (row.ticket_id !== null && row.ticket_id !== ticket.id) {
        const [{ requester_id }] = await desk.query('select requester_id from tickets where id = ?', [row.ticket_id])
        assert.equal(requester_id, from.id)
        assert.ok(tried.aligned || from.role === 'requester', 'mail in the name of staff that nobody vouches for')
      }
      seen.add(said[0] ? said[0].visibility : row.state === 'applied' ? 'raised' : row.state)
    }),
    { numRuns, examples: [[{ ...agentAnswers, agents: true }], [{ ...agentAnswers, agents: false }]] },
  )

  assert.deepEqual([...seen].sort(), ['internal', 'public', 'quarantined', 'raised'])

  async function messagesOf(ticket_id: string): Promise<Json[]> {
    return desk.query('select visibility, author_id, mail_trust from messages where ticket_id = ? order by place', [ticket_id])
  }
})

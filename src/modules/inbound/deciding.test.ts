import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decide, type MailFacts } from './deciding.ts'

const numRuns = Number(process.env.DECIDING_RUNS ?? 2000)
const people = ['usr_a', 'usr_b'] as const

/** True mostly, so that every way is taken. */
const mostly = fc.constantFrom(true, true, true, false)

const facts: fc.Arbitrary<MailFacts> = fc.record({
  kind: fc.constantFrom('auto_reply', 'automatic', 'list', 'bulk', 'normal'),
  own: fc.option(fc.constantFrom('own_mark', 'own_message_id', 'own_mailbox'), { freq: 8 }),
  sender: fc.oneof(
    { weight: 1, arbitrary: fc.record({ problem: fc.constantFrom('from_missing', 'from_several', 'from_invalid') }) },
    {
      weight: 9,
      arbitrary: fc.record({
        user: fc.option(
          fc.record({
            id: fc.constantFrom(...people),
            role: fc.constantFrom('requester', 'agent', 'admin'),
            active: mostly,
          }),
        ),
        aligned: mostly,
      }),
    },
  ),
  thread: fc.option(
    fc.record({
      by: fc.constantFrom('reply_address', 'message_id', 'reference', 'subject'),
      ticket_id: fc.constant('tkt_1'),
      party_id: fc.option(fc.constantFrom(...people)),
      is_participant: fc.boolean(),
      takes_replies: fc.boolean(),
      is_worked_on: mostly,
      is_closed: mostly.map((yes) => !yes),
      unverified_mail: fc.constantFrom('new_ticket', 'internal_note', 'quarantine'),
    }),
    { freq: 8 },
  ),
  agents_answer_by_mail: mostly,
})

/** The one way out that chance takes only now and then. */
const agentAnswers: MailFacts = {
  kind: 'normal',
  own: null,
  sender: { user: { id: 'usr_a', role: 'agent', active: true }, aligned: true },
  thread: {
    by: 'reply_address',
    ticket_id: 'tkt_1',
    party_id: 'usr_a',
    is_participant: false,
    takes_replies: true,
    is_worked_on: true,
    is_closed: false,
    unverified_mail: 'new_ticket',
  },
  agents_answer_by_mail: true,
}

test('whatever the world is like, nobody writes into a ticket whose domain does not vouch for him and who has nothing to do with it', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(facts, (given) => {
      const decision = decide(given)
      seen.add(decision.do === 'reply' ? `reply ${decision.as}` : decision.do)
      const { sender, thread, kind, own } = given
      if (own || 'problem' in sender) {
        assert.ok(decision.do === 'ignore' || decision.do === 'quarantine')
        return
      }
      if (decision.do === 'reply') {
        assert.ok(sender.aligned && thread && sender.user?.active && kind !== 'auto_reply')
        if (decision.as === 'agent') {
          // A From makes nobody an agent.
          assert.ok(given.agents_answer_by_mail && thread.is_worked_on && thread.party_id === sender.user.id)
          assert.ok(thread.by === 'reply_address' || thread.by === 'message_id')
          assert.notEqual(sender.user.role, 'requester')
        } else assert.ok(thread.is_participant && thread.takes_replies)
      }
      if (decision.do === 'raise') {
        assert.notEqual(kind, 'auto_reply')
        assert.ok(sender.aligned || sender.user === null || sender.user.role === 'requester')
        assert.equal(decision.trust, sender.aligned ? 'verified' : 'unverified')
      }
      if (decision.do === 'note') assert.ok(decision.trust !== 'verified' || sender.aligned)
    }),
    { numRuns, examples: [[agentAnswers]] },
  )
  // Every way out was taken.
  assert.deepEqual([...seen].sort(), ['ignore', 'note', 'quarantine', 'raise', 'reply agent', 'reply participant'])
})

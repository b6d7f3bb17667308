import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Conditions, evaluate, type Facts, firstMatch, type Rule, withTagRenamed } from './routing.ts'

const facts: Facts = {
  subject: 'The PRINTER, on the 2nd floor, is on fire!',
  category_line: ['cat_laser', 'cat_printers'],
  organization_id: 'org_acme',
  channel: 'api',
  mailbox_id: null,
  priority: 'high',
  tags: ['vip', 'fire'],
}

function rule(conditions: Conditions, more: Partial<Rule> = {}): Rule {
  return {
    id: 'rul_1',
    position: 1,
    name: 'Rule',
    enabled: true,
    conditions,
    actions: { priority: 'urgent' },
    version: 1,
    ...more,
  }
}

const cases: [title: string, conditions: Conditions, matches: boolean][] = [
  ['no condition matches every ticket', {}, true],
  ['its category', { category_ids: ['cat_laser'] }, true],
  ['the category above its own', { category_ids: ['cat_other', 'cat_printers'] }, true],
  ['another category', { category_ids: ['cat_other'] }, false],
  ['its organization', { organization_ids: ['org_acme'] }, true],
  ['another organization', { organization_ids: ['org_globex'] }, false],
  ['its channel', { channels: ['email', 'api'] }, true],
  ['another channel', { channels: ['email'] }, false],
  ['no ticket has a mailbox yet', { mailbox_ids: ['mbx_1'] }, false],
  ['its priority', { priorities: ['high'] }, true],
  ['another priority', { priorities: ['low', 'normal'] }, false],
  ['one of its tags', { tags: ['none', 'fire'] }, true],
  ['no tag of it', { tags: ['none'] }, false],
  ['a word of the subject in other letters', { subject_words: ['Prínter'] }, true],
  ['a part of a word is no word', { subject_words: ['print'] }, false],
  ['a phrase', { subject_words: ['on fire'] }, true],
  ['the words of a phrase apart', { subject_words: ['the fire'] }, false],
  ['any of the phrases', { subject_words: ['the fire', '2nd  floor'] }, true],
  ['what holds no word', { subject_words: ['!'] }, false],
  ['all conditions hold', { tags: ['vip'], priorities: ['high'], subject_words: ['printer'] }, true],
  ['one of them does not', { tags: ['vip'], priorities: ['low'], subject_words: ['printer'] }, false],
]

for (const [title, conditions, matches] of cases)
  test(`a rule looks at a ticket: ${title}`, () => {
    const { rule: found, trace } = evaluate([rule(conditions)], facts)

    assert.equal(found !== null, matches)
    assert.equal(trace[0]?.reason, matches ? 'matched' : 'conditions')
    assert.deepEqual(Object.keys(conditions).sort(), trace[0]?.conditions.map(({ condition }) => condition).sort())
  })

test('a trace says what was expected and what there is', () => {
  const { trace } = evaluate([rule({ category_ids: ['cat_other'], tags: ['vip'], mailbox_ids: ['mbx_1'] })], facts)

  assert.deepEqual(trace, [
    {
      rule_id: 'rul_1',
      name: 'Rule',
      position: 1,
      matched: false,
      reason: 'conditions',
      conditions: [
        { condition: 'category_ids', holds: false, expected: ['cat_other'], actual: ['cat_laser', 'cat_printers'] },
        { condition: 'mailbox_ids', holds: false, expected: ['mbx_1'], actual: [] },
        { condition: 'tags', holds: true, expected: ['vip'], actual: ['vip', 'fire'] },
      ],
    },
  ])
})

const words = fc.constantFrom('a', 'b', 'c')
const someWords = fc.uniqueArray(words, { minLength: 1, maxLength: 2 })
const someRules = fc.array(
  fc.record({
    enabled: fc.boolean(),
    conditions: fc.record(
      { tags: someWords, channels: someWords, subject_words: someWords, organization_ids: someWords },
      { requiredKeys: [] },
    ),
  }),
  { maxLength: 8 },
)
const someFacts = fc.record({ tags: someWords, channel: words, subject: words, organization_id: fc.option(words) })

test('the first rule in order that is enabled and holds is the one, and the trace tells of each rule', () => {
  fc.assert(
    fc.property(someRules, someFacts, (given, some) => {
      const rules = given.map((one, i) => rule(one.conditions, { enabled: one.enabled, id: `rul_${i}`, position: i + 1 }))
      const ticket: Facts = { ...facts, ...some, category_line: [] }
      const holds = ({ conditions: { tags, channels, subject_words, organization_ids } }: Rule): boolean =>
        (!tags || tags.some((tag) => ticket.tags.includes(tag))) &&
        (!channels || channels.includes(ticket.channel)) &&
        (!subject_words || subject_words.includes(ticket.subject)) &&
        (!organization_ids || (ticket.organization_id !== null && organization_ids.includes(ticket.organization_id)))

      const { rule: found, trace } = evaluate(rules, ticket)

      assert.equal(found, rules.find((one) => one.enabled && holds(one)) ?? null)
      assert.equal(firstMatch(rules, ticket), found)
      assert.deepEqual(
        trace.map(({ rule_id, matched, reason }) => ({ rule_id, matched, reason })),
        rules.map((one) => ({
          rule_id: one.id,
          matched: one === found,
          reason: !one.enabled ? 'disabled' : !holds(one) ? 'conditions' : one === found ? 'matched' : 'earlier_rule_matched',
        })),
      )
      for (const { conditions, reason } of trace)
        if (reason !== 'disabled')
          assert.equal(
            conditions.every((look) => look.holds),
            reason !== 'conditions',
          )
    }),
  )
})

test('a tag that is renamed into one that a rule has, stands there once', () => {
  const renamed = withTagRenamed(
    { conditions: { tags: ['new', 'old'] }, actions: { add_tags: ['old'] } },
    { from: 'old', to: 'new' },
  )

  assert.deepEqual(renamed, { conditions: { tags: ['new'] }, actions: { add_tags: ['new'] } })
})

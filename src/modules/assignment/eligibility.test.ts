import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AgentFacts, chooseAgent, reasonsAgainst } from './eligibility.ts'

const demand = { mode: 'round_robin', takes_away: false, skills: [] } as const

function agent(id: string, facts: Partial<AgentFacts> = {}): AgentFacts {
  return {
    id,
    name: id,
    is_active: true,
    works_in_queue: true,
    availability: 'online',
    capacity: null,
    open_tickets: 0,
    last_assigned_seq: 0,
    skills: new Set(),
    ...facts,
  }
}

test('each thing that speaks against an agent is said by its name', () => {
  const cases: [Partial<AgentFacts>, string[]][] = [
    [{}, ['missing_skill:tax']],
    [{ skills: new Set(['tax', 'law']) }, []],
    [{ works_in_queue: false, skills: new Set(['tax']) }, ['not_in_queue']],
    [{ is_active: false, skills: new Set(['tax']) }, ['inactive']],
    [{ availability: 'away', skills: new Set(['tax']) }, ['away']],
    [{ availability: 'offline', skills: new Set(['tax']) }, ['offline']],
    [{ capacity: 2, open_tickets: 1, skills: new Set(['tax']) }, []],
    [{ capacity: 2, open_tickets: 2, availability: 'away' }, ['away', 'at_capacity', 'missing_skill:tax']],
  ]
  for (const [facts, reasons] of cases) assert.deepEqual(reasonsAgainst(agent('a', facts), { skills: ['tax'] }), reasons)
})

test('in turn: who was given a ticket longest ago is next, then the smaller id', () => {
  const agents = [
    agent('c', { last_assigned_seq: 3 }),
    agent('b', { last_assigned_seq: 1 }),
    agent('a', { last_assigned_seq: 3 }),
  ]

  const { candidates, next } = chooseAgent(agents, demand)

  assert.equal(next?.id, 'b')
  assert.deepEqual(
    candidates.map((one) => one.agent.id),
    ['b', 'a', 'c'],
  )
})

test('by load: who has the fewest open tickets is next, then whose turn it is', () => {
  const agents = [
    agent('a', { open_tickets: 2, last_assigned_seq: 1 }),
    agent('b', { open_tickets: 1, last_assigned_seq: 9 }),
    agent('c', { open_tickets: 1, last_assigned_seq: 4 }),
  ]

  assert.equal(chooseAgent(agents, { ...demand, mode: 'load_balanced' }).next?.id, 'c')
})

test('who is away counts only where the queue says so and nobody else is left', () => {
  const away = agent('a', { availability: 'away' })
  const both = [away, agent('b', { last_assigned_seq: 7 })]

  assert.equal(chooseAgent([away], demand).next, null)
  assert.equal(chooseAgent([away], { ...demand, takes_away: true }).next?.id, 'a')
  assert.equal(chooseAgent(both, { ...demand, takes_away: true }).next?.id, 'b')
  const full = agent('c', { availability: 'away', capacity: 0 })
  assert.equal(chooseAgent([full], { ...demand, takes_away: true }).next, null)
  assert.equal(chooseAgent([agent('d', { availability: 'offline' })], { ...demand, takes_away: true }).next, null)
})

import assert from 'node:assert/strict'
import type { Desk, Json, Person } from '../desk.ts'

/** Somebody of the three, and what was acknowledged to him. */
export interface Player {
  person: Person
  isStaff: boolean
  /** What he wrote, by the message's id: as it must be read in the end. */
  written: Map<string, Written>
  /** His drafts by ticket, as they were last acknowledged. */
  drafts: Map<string, { body: string; version: number }>
}

export interface Written {
  body: string
  visibility: 'public' | 'internal'
  version: number
  isRetracted: boolean
}

/** Two tickets, what became of them, and the three who work on them at once. */
export interface Family {
  desk: Desk
  admin: Person
  players: readonly Player[]
  /** Every ticket that there is: both, and those that splits and replies to closed ones made. */
  tickets: string[]
  /** Those that went into another one. */
  merged: Set<string>
  macro: string
  /** What macros wrote, in every family. */
  byMacro: Set<string>
  /** What was answered, by the name of the act. */
  told: Map<string, number>
  failures: string[]
}

/** What stays the same for every family of a desk. */
export interface Cast {
  desk: Desk
  admin: Person
  agents: readonly Person[]
  requester: Person
  macro: string
  byMacro: Set<string>
}

export async function openCast(desk: Desk): Promise<Cast> {
  const admin = await desk.person({ role: 'admin' })
  const agents = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  const macro = await admin.post('/v1/macros', {
    name: 'Ask again',
    visibility: 'shared',
    message: { visibility: 'public', variants: [{ locale: 'en', body: 'Is {{ticket.number}} still broken?' }] },
    changes: { status: 'pending', add_tags: ['asked'] },
  })
  assert.equal(macro.status, 201, macro.text)
  return { desk, admin, agents, requester: await desk.person(), macro: macro.body.id, byMacro: new Set() }
}

export async function openFamily({ agents, requester, ...cast }: Cast, told: Map<string, number>): Promise<Family> {
  const player = (person: Person): Player => ({
    person,
    isStaff: person.role !== 'requester',
    written: new Map(),
    drafts: new Map(),
  })
  const players = [...agents.map(player), player(requester)]
  const family: Family = { ...cast, players, tickets: [], merged: new Set(), told, failures: [] }
  for (const body of ['It burns.', 'It smokes.']) {
    const raised = await requester.post('/v1/tickets', { subject: 'Printer', body })
    assert.equal(raised.status, 201, raised.text)
    family.tickets.push(raised.body.id)
    const { body: conversation }: { body: Json } = await requester.get(`/v1/tickets/${raised.body.id}/messages`)
    const [first] = conversation.data
    players.at(-1)?.written.set(first.id, { body, visibility: 'public', version: 1, isRetracted: false })
  }
  return family
}

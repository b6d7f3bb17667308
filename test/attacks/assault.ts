import assert from 'node:assert/strict'
import type { InjectOptions } from 'fastify'
import type { Desk, Json, Person, Reply } from '../desk.ts'

/** A desk with something in it, and those who attack it. */
export interface Target {
  desk: Desk
  admin: Person
  agent: Person
  ada: Person
  /** Ada's ticket, its message, and where it waits. */
  ticket: Json
  message: Json
}

/** Fills a desk with one ticket and its people. */
export async function openTarget(desk: Desk): Promise<Target> {
  const [admin, agent, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It smokes.' })
  const { body: messages } = await ada.get(`/v1/tickets/${ticket.id}/messages`)
  return { desk, admin, agent, ada, ticket, message: messages.data[0] }
}

/** Sends exactly these bytes and headers, past all that a caller of the desk puts right. */
export async function send(desk: Desk, request: InjectOptions): Promise<Reply> {
  const response = await desk.app.server.inject(request)
  const text = response.body
  return {
    status: response.statusCode,
    headers: response.headers as Record<string, string>,
    text,
    bytes: response.rawPayload,
    body: /json/.test(String(response.headers['content-type'])) && text !== '' ? JSON.parse(text) : null,
  }
}

/** The answer is a problem with this status and code, and tells nothing of our insides. */
export function assertRefused(reply: Reply, status: number, code: string, about = ''): void {
  assert.deepEqual([reply.status, reply.body?.code], [status, code], `${about.slice(0, 200)}: ${reply.text.slice(0, 500)}`)
  assert.match(String(reply.headers['content-type']), /^application\/problem\+json/, about)
  assert.match(String(reply.headers['request-id']), /^req_[0-9a-z]{26}$/, about)
  assert.equal(reply.body.request_id, reply.headers['request-id'], about)
  assertDiscreet(reply.text)
}

/** No stack, no path, no statement and no driver's words. */
export function assertDiscreet(text: string): void {
  assert.doesNotMatch(text, /node_modules|\n\s+at |file:\/\/|\.ts:\d|SQLITE|ER_[A-Z]|insert into|FST_ERR|prepared statement/)
}

const tables = [
  ...[
    'tickets',
    'messages',
    'message_revisions',
    'ticket_tags',
    'ticket_participants',
    'ticket_preferences',
    'users',
    'organizations',
    'teams',
  ],
  ...['queues', 'categories', 'sessions', 'api_keys', 'events', 'deliveries', 'idempotency_keys', 'outbox_mails'],
]

/** How many rows every table of the product has. */
export async function countRows(desk: Desk): Promise<Record<string, number>> {
  await desk.settle()
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const [row] = await desk.query(`select count(*) as n from ${table}`)
    counts[table] = Number(row.n)
  }
  return counts
}

/** Whatever `attack` does leaves every row where it was, logs no error, and the desk goes on working. */
export async function assertUnharmed({ desk, ada }: Target, attack: () => Promise<void>): Promise<void> {
  const before = await countRows(desk)
  await attack()
  assert.deepEqual(await countRows(desk), before)
  assert.doesNotMatch(desk.logged(), /"level":"?(50|60|error|fatal)/, 'an error was logged')
  const { status } = await ada.get('/v1/me')
  assert.equal(status, 200)
}

/** The processor time that some work takes, which other processes do not lengthen. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventJson } from '../../modules/history/index.ts'
import { eventLine } from './event-line.ts'

const names: Readonly<Record<string, string>> = { usr_1: 'Lena Fischer', usr_2: 'Emily Carter' }
const plain = { nameOf: (id: string) => names[id] ?? id, isColoured: false, columns: undefined }

/** An event as a stream has it, with what a line is made of. */
function eventOf(changes: object): EventJson {
  // What a line does not look at is left out.
  return {
    ...{ position: 4711, occurred_at: '2026-11-22T09:30:05.000Z', visibility: 'public', data: {}, previous: null, object: null },
    ...{ actor: { type: 'user', id: 'usr_1' }, subject: { type: 'ticket', id: 'tkt_1', version: 1 } },
    ...changes,
  } as unknown as EventJson
}

const ticket = { number: 1042, subject: 'No toner' }
const message = { subject: { type: 'message', id: 'msg_1', version: 1 }, ticket }

for (const [event, line] of [
  [eventOf({ type: 'ticket.created', object: ticket }), 'ticket.created          #1042  Lena Fischer  No toner'],
  [
    eventOf({ type: 'message.created', ...message, object: { body: 'Hello\n\nworld' } }),
    'message.created         #1042  Lena Fischer  Hello world  [No toner]',
  ],
  [
    eventOf({ type: 'message.created', ...message, object: { body: 'Ask them' }, visibility: 'internal' }),
    'message.created         #1042  Lena Fischer  (note)  Ask them  [No toner]',
  ],
  [
    eventOf({ type: 'ticket.status_changed', object: ticket, data: { status: 'solved' }, previous: { status: 'open' } }),
    'ticket.status_changed   #1042  Lena Fischer  open → solved  [No toner]',
  ],
  [
    eventOf({ type: 'ticket.assigned', object: ticket, data: { assignee_id: 'usr_2' } }),
    'ticket.assigned         #1042  Lena Fischer  → Emily Carter  [No toner]',
  ],
  [
    eventOf({ type: 'ticket.assigned', object: ticket, data: { assignee_id: null } }),
    'ticket.assigned         #1042  Lena Fischer  → nobody  [No toner]',
  ],
  [
    eventOf({ type: 'ticket.tagged', object: ticket, data: { tags: ['a', 'b'] } }),
    'ticket.tagged           #1042  Lena Fischer  a, b  [No toner]',
  ],
  // A ticket that is gone, or hidden, is null.
  [eventOf({ type: 'ticket.deleted', data: { number: 7 } }), 'ticket.deleted          Lena Fischer'],
  [
    eventOf({ type: 'user.updated', subject: { type: 'user', id: 'usr_2', version: 2 }, data: { changed: ['name'] } }),
    'user.updated            Lena Fischer  name',
  ],
] as const)
  test(`a line says what matters of ${event.type}: ${line.slice(24)}`, () => {
    assert.equal(eventLine(event, plain), `09:30:05    4711  ${line}`)
  })

test('a line is as wide as the terminal, and coloured where that understands colours', () => {
  const event = eventOf({ type: 'ticket.created', object: { number: 1, subject: 'x'.repeat(200) } })

  const line = eventLine(event, { ...plain, columns: 80, isColoured: true })

  assert.ok(line.startsWith('\x1b[90m09:30:05    4711  \x1b[39m\x1b[36mticket.created'))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours are what is looked for
  assert.equal(line.replaceAll(/\x1b\[\d+m/g, '').length, 79)
  assert.ok(line.endsWith('…'))
})

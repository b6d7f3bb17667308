import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemActor } from '../../platform/actor.ts'
import type { SeenEvent } from '../history/index.ts'
import { Connection, type Subscription } from './connection.ts'
import { encodeFrame } from './encoded.ts'
import type { Peer } from './live.ts'

const NOW = Date.parse('2026-11-22T09:00:00.000Z')
const frame = encodeFrame({ type: 'ping', position: 1 })
const peer: Peer = { send: () => {}, pendingBytes: () => 0, atOnce: (work) => work(), end: () => {} }

function listener(topic: Subscription['topic']): Connection {
  const connection = new Connection(peer, systemActor)
  connection.subscriptions.set('it', { topic, name: 'it', asked: 'it' })
  return connection
}

const happened = (position: number, occurred_at: number): SeenEvent => {
  const row = { id: `evt_${position}`, type: 'message.created', subject_type: 'message', subject_id: 'msg_1', subject_version: 1 }
  const place = { position, ticket_id: 'tkt_1', ticket_seq: position, visibility: 'public', occurred_at } as const
  const by = { actor_type: 'user', actor_id: 'usr_1', data: '{}', previous: null, request_id: null, is_staff: 1 } as const
  return { ...row, ...place, ...by, subject_public_version: 1 }
}

test('who is told at once what has piled up for seconds is not told much, and who is told as much of one second is', () => {
  const [patient, busy] = [listener({ kind: 'ticket', id: 'tkt_1' }), listener({ kind: 'ticket', id: 'tkt_1' })]

  // Ten in each second, and the node had no time to tell of them for four.
  for (let i = 0; i < 40; i++) patient.offer(happened(i, NOW + i * 100), [frame], NOW + 4000)
  for (let i = 0; i < 40; i++) busy.offer(happened(i, NOW + i * 10), [frame], NOW + i * 10)

  assert.equal(patient.isToldMuch(happened(40, NOW + 4000)), false)
  assert.equal(busy.isToldMuch(happened(40, NOW + 400)), true)
  assert.equal(busy.isToldMuch(happened(41, NOW + 1400)), true)
  assert.equal(busy.isToldMuch(happened(42, NOW + 2400)), false)
})

test('who listens to more than tickets is told much sooner; what another node dates back counts for the last second', () => {
  const wide = listener({ kind: 'all' })

  for (let i = 0; i < 6; i++) wide.offer(happened(i, NOW - i * 1000), [frame], NOW)

  assert.equal(wide.isToldMuch(happened(6, NOW)), true)
})

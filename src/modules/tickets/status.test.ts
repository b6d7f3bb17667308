import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusNews } from './status.ts'
import type { TicketRow } from './tables.ts'

function standing(status: string, public_status: string | null): TicketRow {
  // Of a row, only where it stands is looked at.
  return { status, public_status, status_category: 'open' } as TicketRow
}

test('where requesters are told another name, staff are told the real one, also when that one stays', () => {
  const told = statusNews(standing('triage', null), standing('triage', 'open'))

  assert.deepEqual(
    told.map(({ visibility, data, previous }) => [visibility, data.status, previous?.status]),
    [
      ['public', 'open', 'triage'],
      ['internal', 'triage', 'triage'],
    ],
  )
})

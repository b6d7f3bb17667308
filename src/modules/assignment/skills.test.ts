import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

test('to ask for the same skills again changes nothing; a time that is told anew does', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const { id } = (await root.post('/v1/tickets', { subject: 'S', body: 'B' })).body
  await desk.announcements()
  const ask = async (body: object) => {
    assert.equal((await root.put(`/v1/tickets/${id}/skills`, body)).status, 200)
    return (await desk.announcements()).map(({ type }) => type).join()
  }

  assert.equal(await ask({ skills: [], relax_after_seconds: 60 }), '')
  assert.equal(await ask({ skills: ['Tax', 'law'], relax_after_seconds: null }), 'ticket.updated')
  assert.equal(await ask({ skills: ['law', 'tax'], relax_after_seconds: null }), '')
  assert.equal(await ask({ skills: ['law', 'tax'] }), '')
  assert.equal(await ask({ skills: ['law', 'tax'], relax_after_seconds: 60 }), 'ticket.updated')
  assert.equal(await ask({ skills: ['law', 'tax'], relax_after_seconds: null }), 'ticket.updated')
  assert.equal(await ask({ skills: ['law'], relax_after_seconds: null }), 'ticket.updated')
})

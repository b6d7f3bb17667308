import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from './desk.ts'

/** The samples of a scrape, by their whole name with labels. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

test('what happens is counted, and what lies there is measured', async (t) => {
  const desk = await openDesk(t)
  const [root, ada, tom] = [await desk.person({ role: 'admin' }), await desk.person(), await desk.person({ role: 'agent' })]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'The printer is on fire', body: 'Help' })
  await tom.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Pull the plug.' })
  await ada.get('/v1/tickets/tkt_00000000000000000000000000')
  await desk.anyone.post('/v1/auth/login', { email: ada.email, password: 'surely not this' })
  await desk.settle()

  const { statusCode, headers, body } = await desk.app.server.inject({ url: '/metrics' })
  const samples = samplesOf(body)

  assert.equal(statusCode, 200)
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  const { key } = (await root.get('/v1/queues')).body.data[0]
  const expected = {
    'beckon_http_requests_total{method="POST",route="/v1/tickets",status="201"}': 1,
    'beckon_http_requests_total{method="GET",route="/v1/tickets/:ticket",status="404"}': 1,
    'beckon_http_request_seconds_count{method="POST",route="/v1/tickets/:ticket/messages"}': 1,
    'beckon_problems_total{code="not_found"}': 1,
    'beckon_sign_ins_total{result="refused"}': 1,
    beckon_events_waiting: 0,
    'beckon_deliveries{state="dead"}': 0,
    'beckon_outbound_mails{state="queued"}': 0,
    'beckon_inbound_mails{state="quarantined"}': 0,
    [`beckon_tickets{queue="${key}",status_category="open"}`]: 1,
    [`beckon_tickets{queue="${key}",status_category="new"}`]: 0,
    beckon_streams: 0,
    beckon_metrics_failures_total: 0,
  }
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, samples.get(name)])), expected)
  assert.ok(Number(samples.get('beckon_events_position')) > 3)
  assert.ok(Number(samples.get('beckon_transaction_seconds_count')) > 3)
  assert.ok(Number(samples.get('beckon_tries_total{what="delivery",result="ok"}')) > 0)
  assert.ok(samples.has('nodejs_eventloop_lag_seconds') && samples.has('process_resident_memory_bytes'))
  // Nothing that somebody wrote, and nobody's name.
  assert.doesNotMatch(body, /printer|plug|tkt_|usr_|example\.com/)
})

test('metrics are for this machine, or for who has the token; for all others there are none', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_METRICS_TOKEN: 'a-token-for-the-monitoring' } })
  const ask = async (request: { remoteAddress?: string; headers?: Record<string, string> }) =>
    (await desk.app.server.inject({ url: '/metrics', ...request })).statusCode
  const away = { remoteAddress: '192.0.2.7' }
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

  assert.equal(await ask({}), 200)
  assert.equal(await ask({ remoteAddress: '::ffff:127.0.0.1' }), 200)
  assert.equal(await ask(away), 404)
  // By way of a proxy on this machine.
  assert.equal(await ask({ headers: { 'x-forwarded-for': '192.0.2.7' } }), 404)
  assert.equal(await ask({ headers: { forwarded: 'for=192.0.2.7' } }), 404)
  assert.equal(await ask({ ...away, ...bearer('something-else') }), 404)
  assert.equal(await ask(bearer('something-else')), 404)
  assert.equal(await ask({ ...away, ...bearer('a-token-for-the-monitoring') }), 200)
})

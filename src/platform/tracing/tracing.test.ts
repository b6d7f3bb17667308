import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCollector, type SentSpan } from '../../../test/collector.ts'
import { openDesk } from '../../../test/desk.ts'

const CALLER = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' }
const traceparent = (flags: string) => `00-${CALLER.trace}-${CALLER.span}-${flags}`

function find(spans: SentSpan[], name: string): SentSpan {
  const span = spans.find((one) => one.name === name)
  assert.ok(span, `${name} is not among ${spans.map((one) => one.name).join(', ')}`)
  return span
}

test('a trace goes from the caller by the request, its event and its delivery to the mail', async (t) => {
  const collector = await openCollector(t)
  const env = { BECKON_OTLP_ENDPOINT: `${collector.url}/`, BECKON_OTLP_HEADERS: 'x-key=a%20b', BECKON_SERVICE_NAME: 'desk' }
  const desk = await openDesk(t, { env })
  const [ada, grace] = [await desk.person(), await desk.person({ role: 'agent' })]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Smoke', body: 'It burns.' })
  await desk.settle()

  await grace.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Pull the plug.' }, { traceparent: traceparent('01') })
  await desk.settle()
  const isMail = (span: SentSpan) => span.name === 'send mail' && span.traceId === CALLER.trace
  const spans = (await collector.until(isMail)).filter(({ traceId }) => traceId === CALLER.trace)

  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const way: SentSpan[] = []
  for (let span = spans.find(isMail); span; span = byId.get(span.parentSpanId)) way.unshift(span)
  assert.deepEqual(
    way.map(({ name }) => name),
    ['POST /v1/tickets/:ticket/messages', 'transaction', 'deliver notifications.owe-mails', 'transaction', 'send mail'],
  )
  const request = find(way, 'POST /v1/tickets/:ticket/messages')
  const mail = find(way, 'send mail')
  assert.equal(request.parentSpanId, CALLER.span)
  assert.equal(request.attributes['http.response.status_code'], 201)
  assert.ok(find(way, 'transaction').events.includes('message.created'))
  assert.equal(mail.attributes['beckon.mail.outcome'], 'accepted')
  assert.deepEqual([request.service, collector.headers['x-key']], ['desk', 'a b'])
  assert.ok(spans.every(({ isError }) => !isError))
  // Nothing of what people wrote, and no address.
  assert.doesNotMatch(JSON.stringify(collector.spans), /plug|burns|Smoke|example\.com|Bearer/)
})

test('the log names the trace of a request, its own or the one that it goes on with', async (t) => {
  const collector = await openCollector(t)
  const desk = await openDesk(t, { env: { BECKON_OTLP_ENDPOINT: collector.url } })
  const ada = await desk.person()

  await ada.get('/v1/me', { traceparent: traceparent('01') })
  await ada.get('/v1/tickets')
  const spans = await collector.until(({ name }) => name === 'GET /v1/tickets')

  const { traceId } = find(spans, 'GET /v1/tickets')
  assert.notEqual(traceId, CALLER.trace)
  for (const id of [CALLER.trace, traceId]) assert.match(desk.logged(), new RegExp(`"trace_id":"${id}"`))
})

test('what fails here is an error, what is refused is not, and what no route takes has no path', async (t) => {
  const collector = await openCollector(t)
  const desk = await openDesk(t, { env: { BECKON_OTLP_ENDPOINT: collector.url } })
  const ada = await desk.person()

  await ada.post('/v1/tickets/999999/messages', { body: 'Hello?' })
  await ada.get('/v1/secret-path')
  const spans = await collector.until(({ name }) => name === 'GET')

  const refused = find(spans, 'POST /v1/tickets/:ticket/messages')
  assert.deepEqual([refused.isError, refused.attributes['http.response.status_code']], [false, 404])
  assert.equal(find(spans, 'transaction').attributes['beckon.problem'], 'not_found')
  assert.doesNotMatch(JSON.stringify(spans), /secret-path/)
})

test('a trace that its caller does not record is not recorded here either', async (t) => {
  const collector = await openCollector(t)
  const desk = await openDesk(t, { env: { BECKON_OTLP_ENDPOINT: collector.url } })
  const ada = await desk.person()

  await ada.post('/v1/tickets', { subject: 'Smoke', body: 'It burns.' }, { traceparent: traceparent('00') })
  await desk.settle()
  await ada.get('/v1/me')
  const spans = await collector.until(({ name }) => name === 'GET /v1/me')

  assert.deepEqual(
    spans.filter(({ traceId }) => traceId === CALLER.trace),
    [],
  )
  assert.deepEqual(await desk.query('select * from traces'), [])
})

test('with a share of nought nobody can have himself recorded', async (t) => {
  const collector = await openCollector(t)
  const desk = await openDesk(t, { env: { BECKON_OTLP_ENDPOINT: collector.url, BECKON_TRACE_PERCENT: '0' } })
  const ada = await desk.person()

  await ada.post('/v1/tickets', { subject: 'Smoke', body: 'It burns.' }, { traceparent: traceparent('01') })
  await desk.settle()

  assert.deepEqual(await desk.query('select * from traces'), [])
})

test('a collector that is away is told of once, and hinders nobody', async (t) => {
  const collector = await openCollector(t)
  const desk = await openDesk(t)
  const node = await desk.node(desk.clock, { BECKON_OTLP_ENDPOINT: `${collector.url}/nowhere` })
  const ada = node.bearer((await desk.person()).token)

  const answers = [await ada.get('/v1/me'), await ada.get('/v1/me')]
  await node.close()

  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  )
  assert.equal(desk.logged().match(/traces cannot be sent/g)?.length, 1)
})

test('what is owed later goes on with its trace for a week', async (t) => {
  const collector = await openCollector(t)
  const desk = await openDesk(t, { env: { BECKON_OTLP_ENDPOINT: collector.url } })
  const ada = await desk.person()
  await ada.post('/v1/tickets', { subject: 'Smoke', body: 'It burns.' })
  await desk.settle()
  const old = await desk.query('select subject_id from traces')

  desk.clock.advance(7 * 86_400_000 + 1)
  await desk.app.tidy()

  const left = new Set((await desk.query('select subject_id from traces')).map(({ subject_id }) => subject_id))
  assert.ok(old.length > 0)
  assert.deepEqual(
    old.filter(({ subject_id }) => left.has(subject_id)),
    [],
  )
})

test('without a collector nothing of traces is written', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()

  await ada.post('/v1/tickets', { subject: 'Smoke', body: 'It burns.' }, { traceparent: traceparent('01') })
  await desk.settle()

  assert.deepEqual(await desk.query('select * from traces'), [])
})

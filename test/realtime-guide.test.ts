import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import type { Json } from './desk.ts'
import { coming, openLiveDesk } from './live.ts'

// What docs/realtime.md says and hears on a WebSocket is said to the real server, in the order of the guide, and heard from it.

const guide = readFileSync(new URL('../docs/realtime.md', import.meta.url), 'utf8')
const frames = [...guide.matchAll(/```json\n([\s\S]*?)```/g)]
  .flatMap(([, block = '']) => block.trim().split(/\n\n/))
  .flatMap((example) => {
    const [, arrow, text = ''] = /^([→←]) ([\s\S]*)$/.exec(example) ?? []
    return arrow === undefined ? [] : [{ isSaid: arrow === '→', text }]
  })

/** What an example promises and an answer does not have: keys, and the values that mean the same everywhere. */
function missing(example: Json, answer: Json, path = ''): string[] {
  if (example === null || typeof example !== 'object') {
    const isWord = /\.(type|status|code|reason|ref|client_id|visibility|active|name|body)$/.test(path)
    return isWord && example !== answer ? [`${path}: ${JSON.stringify(answer)}`] : []
  }
  if (answer === null || typeof answer !== 'object') return [path]
  return Object.entries(example).flatMap(([key, part]) =>
    key in answer ? missing(part, answer[key], `${path}.${key}`) : [`${path}.${key}`],
  )
}

test('every frame in the guide is taken and told as it stands there', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person({ name: 'Ada Byron' })
  const [you, grace] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent', name: 'Grace Hopper' })]
  const admin = await desk.person({ role: 'admin' })
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const path = `/v1/tickets/${ticket.id}`
  const elsewhere = (await admin.post('/v1/queues', { key: 'elsewhere', name: 'Elsewhere' })).body
  const snapshot = (await you.get(`${path}?include=messages,position`)).body
  const names: Record<string, string> = { que: ticket.queue_id, tkt: ticket.id }
  const places: Record<string, number> = { 4711: snapshot.position, 4720: snapshot.position }
  const real = (text: string): Json =>
    JSON.parse(
      text
        .replaceAll('1042', String(ticket.number))
        .replace(/(que|tkt)_[0-9a-z]+…/g, (_, kind: string) => names[kind] ?? '')
        .replaceAll('msg_01ma…', names.said ?? '')
        .replace(/"(after|position)": (\d+)/g, (all, key, place) => (places[place] ? `"${key}": ${places[place]}` : all)),
    )

  const { socket: open } = desk
  const socket = await open('', { bearer: you.token })
  const graces = await open('', { bearer: grace.token })
  const adas = await open('', { bearer: ada.token })
  const rest = [...frames]
  /** Says the next frame of the guide. */
  const say = (type: string): Json => {
    const { isSaid, text } = rest.shift() ?? assert.fail(`the guide has no ${type}`)
    const frame = real(text)
    assert.deepEqual([isSaid, frame.type], [true, type])
    socket.say(frame)
    return frame
  }
  /** Hears the next frame of the guide. */
  const hear = async (type: string): Promise<Json> => {
    const { isSaid, text } = rest.shift() ?? assert.fail(`the guide has no ${type}`)
    const example = JSON.parse(text.replaceAll(/\[\{…\}\]/g, '[]'))
    assert.deepEqual([isSaid, example.type], [false, type])
    const heard = await socket.frames.until((frame) => missing(example, frame).length === 0)
    assert.equal(heard.type, type)
    return heard
  }

  await hear('ready')
  say('subscribe')
  await hear('subscribed')
  await ada.post(`${path}/messages`, { body: 'Any news?' })
  await hear('event')

  say('subscribe')
  await socket.frames.until(({ type, ref }) => type === 'subscribed' && ref === '2')
  const moved = await grace.patch(path, { queue_id: elsewhere.id })
  assert.equal(moved.status, 200, moved.text)
  await hear('left')

  say('send')
  names.said = (await hear('ack')).message.id
  await ada.post(`${path}/messages`, { body: 'Thanks.' })
  say('send')
  await hear('error')

  graces.say({ type: 'subscribe', ref: 'g', topics: [`ticket:${ticket.id}`] })
  adas.say({ type: 'subscribe', ref: 'a', topics: [`ticket:${ticket.id}`], after: snapshot.position })
  await graces.frames.until(({ ref }) => ref === 'g')
  await adas.frames.until(({ event }) => event?.object?.body === 'Thanks.')
  say('presence')
  await graces.frames.until(({ type, user }) => type === 'presence' && user.id === you.id)
  say('typing')
  await graces.frames.until(({ type, user }) => type === 'typing' && user.id === you.id)
  graces.say({ type: 'typing', ticket: ticket.id })
  await hear('typing')

  say('read')
  await graces.frames.until(({ type, user }) => type === 'read' && user.id === you.id)
  say('ack')
  adas.say({ type: 'read', ticket: ticket.id })
  await hear('read')

  say('subscribe')
  await socket.frames.until(({ type, ref }) => type === 'subscribed' && ref === '5')
  // The same frame with another reason is told at once.
  const example = JSON.parse((rest.shift() ?? assert.fail()).text)
  socket.say({ type: 'resume', ref: '6', after: 1_000_000 })
  const reset = await socket.frames.until(({ type }) => type === 'reset')
  assert.deepEqual(missing({ ...example, reason: 'cursor_ahead' }, reset), [])
  assert.deepEqual(rest, [])
  assert.doesNotMatch(adas.text(), /internal|presence/)
})

const hasCurl = spawnSync('curl', ['--version']).status === 0

for (const name of ['README.md', 'docs/realtime.md'])
  test(`the curl of ${name} shows an event when it happens`, { skip: hasCurl ? false : 'there is no curl' }, async (t) => {
    const desk = await openLiveDesk(t)
    const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
    const { id } = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
    await desk.settle()
    const text = readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
    const [, command = assert.fail(`${name} has no curl`)] = /^(curl -N .*\/v1\/stream.*)$/m.exec(text) ?? []
    const env = { PATH: process.env.PATH, B: desk.url, ADA: ada.token }
    // By `exec` the shell becomes curl, so that ending the one ends the other.
    const curl = spawn('bash', ['-euc', `exec ${command.replace('4711', '0')}`], { env, stdio: ['ignore', 'pipe', 'ignore'] })
    t.after(() => curl.kill())
    const lines = coming<string>()
    createInterface({ input: curl.stdout })
      .on('line', lines.push)
      .on('close', () => lines.end('curl has ended'))

    await lines.until((line) => line === 'event: ready')
    await ann.post(`/v1/tickets/${id}/messages`, { body: 'Pull the plug.' })
    const line = await lines.until((line) => line.includes('Pull the plug.'))

    const event = JSON.parse(line.slice('data: '.length))
    assert.deepEqual([event.type, event.ticket_id], ['message.created', id])
    assert.ok(lines.all.includes(`id: ${event.position}`))
    assert.equal(
      lines.all.some((line) => line.includes('ticket.created')),
      name !== 'README.md',
    )
  })

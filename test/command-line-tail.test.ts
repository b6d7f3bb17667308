import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDatabaseUrl } from '../src/config-database.ts'
import { openCommandLine } from './command-line.ts'
import { openCutter } from './cutter.ts'
import { type Json, openDesk } from './desk.ts'
import { serverUrl } from './engine.ts'

const linesOf = (out: string): Json[] =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

test('a tail prints what has happened and what happens, one event in a line, and ends when told to', async (t) => {
  const commands = openCommandLine(t)
  const filled = await commands.run(['demo', '--minutes', '0', '-o', 'json'])
  assert.equal(filled.code, 0, filled.err)
  const { tickets, sign_in } = JSON.parse(filled.out)

  const tail = commands.start(['tail', '--after', '0', '-o', 'json'])
  const before = linesOf(await tail.until((out) => out.split('\n').length > 1500)).length
  const live = commands.start(['demo', '--pace', '0.05', '-o', 'json'])
  const told = linesOf(await tail.until((out) => out.split('ticket.created').length > tickets + 2))
  live.process.kill('SIGINT')
  tail.process.kill('SIGINT')

  assert.equal((await live.ended).code, 0)
  const { code, err } = await tail.ended
  assert.deepEqual([code, err], [0, ''])
  assert.ok(told.length > before)
  assert.deepEqual(
    told.map(({ position }) => position),
    told.map((_, i) => i + 1),
  )
  const message = told.findLast(({ type }) => type === 'message.created')
  assert.equal(typeof message.object.body, 'string')
  assert.equal(message.ticket.id, message.ticket_id)
  assert.equal(sign_in.agents.length, 3)
})

test('a tail for people names them, and hears of nothing but its topics', async (t) => {
  const commands = openCommandLine(t)
  await commands.run(['demo', '--minutes', '0'])
  const json = commands.start(['tail', '--after', '0', '--topics', 'ticket:1001', '-o', 'json'])
  const only = linesOf(await json.until((out) => out.includes('"status":"closed"')))
  json.process.kill('SIGTERM')
  const text = commands.start(['tail', '--after', '0', '--topics', 'ticket:1001'])
  const lines = await text.until((out) => /→ closed/.test(out))
  text.process.kill('SIGINT')

  assert.deepEqual(new Set(only.map(({ ticket_id }) => ticket_id)).size, 1)
  assert.equal((await text.ended).code, 0)
  assert.match(lines, /^\d\d:\d\d:\d\d +\d+ {2}ticket\.created +#1001 {2}\p{Lu}\p{L}+ \p{Lu}\p{L}+ {2}\S/u)
  assert.match(lines, /ticket\.assigned +#1001 .*→ (Lena Fischer|Mathieu Laurent|Carmen Ruiz)/)
  assert.match(lines, /message\.created .*\(note\)/)
  assert.equal(lines.includes('\x1b'), false)
  assert.equal((await json.ended).code, 0)
})

test('what cannot be followed is said, with what to do', async (t) => {
  const commands = openCommandLine(t)
  const unready = await commands.run(['tail'])
  await commands.run(['db', 'migrate'])

  const [me, word, hidden, before] = [
    await commands.run(['tail', '--topics', 'me']),
    await commands.run(['tail', '--after', 'yesterday']),
    await commands.run(['tail', '--topics', 'all,ticket:7']),
    await commands.run(['tail', '--after', '-1']),
  ]

  assert.deepEqual([unready.code, me.code, word.code, hidden.code, before.code], [1, 2, 2, 2, 2])
  assert.match(unready.err, /beckon db migrate/)
  assert.match(me.err, /"me" is no topic: give all, ticket:1042/)
  assert.match(word.err, /Give a position/)
  assert.match(hidden.err, /--topics: one of all, ticket:7 is not there/)
})

test('a tail whose database goes away tells afterwards what it missed, once', { skip: !serverUrl }, async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const server = readDatabaseUrl(serverUrl ?? '')
  assert.ok('value' in server && server.value.engine === 'mysql')
  const { port, user, password } = server.value
  const way = await openCutter(port)
  t.after(() => way.close())
  const [{ name }] = await desk.query('select database() as name')
  const url = `mysql://${user}:${password}@127.0.0.1:${way.port}/${name}`
  const tail = openCommandLine(t).start(['tail', '--after', '0', '-o', 'json'], {
    DATABASE_URL: url,
    BECKON_SECRET: 's'.repeat(40),
  })
  await ada.post('/v1/tickets', { subject: 'One', body: 'B' })
  await desk.settle()
  await tail.until((out) => out.includes('"subject":"One"'))

  way.cut()
  await ada.post('/v1/tickets', { subject: 'Two', body: 'B' })
  await desk.settle()
  await tail.until((_, err) => err.includes('does not answer'))
  way.mend()
  await tail.until((out) => out.includes('"subject":"Two"'))
  await ada.post('/v1/tickets', { subject: 'Three', body: 'B' })
  await desk.settle()
  const told = linesOf(await tail.until((out, err) => out.includes('"subject":"Three"') && err.includes('answers again')))
  tail.process.kill('SIGTERM')

  const positions = told.map(({ position }) => position)
  assert.deepEqual(
    positions,
    [...new Set(positions)].toSorted((a, b) => a - b),
  )
  assert.equal(told.filter(({ type }) => type === 'ticket.created').length, 3)
  assert.equal((await tail.ended).code, 0)
})

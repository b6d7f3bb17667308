import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openCommandLine } from './command-line.ts'

test('who tries Beckon gets a desk full of work beside the running server, can sign in, and gets rid of it', async (t) => {
  const commands = openCommandLine(t)
  const password = 'seven green umbrellas'
  await commands.run(['admin', 'create', '--email', 'boss@acme.com'], { input: password })
  const server = await commands.serve()
  const logIn = async (email: string, password: string): Promise<number> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${server.url}/v1/auth/login`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email, password }),
    })
    return answer.status
  }

  const made = await commands.run(['demo', '--minutes', '0'])
  const printed = (what: string): string => new RegExp(`^  ${what} +([^\\s,]+)`, 'm').exec(made.out)?.[1] ?? ''
  const [agent, requester, secret] = [printed('agents'), printed('requester'), printed('password')]
  const statuses = [await logIn(agent, secret), await logIn(requester, secret)]
  const again = await commands.run(['demo', '--minutes', '0', '-o', 'json'])
  const anew = JSON.parse(again.out)
  const old = await logIn(requester, secret)
  const removed = await commands.run(['demo', '--remove', '-o', 'json'])
  const nothing = await commands.run(['demo', '--remove'])

  assert.deepEqual([made.code, made.err], [0, ''])
  assert.match(made.out, /^The desk has 200 tickets with \d{3} messages, of 40 requesters and 3 agents\.\n/)
  assert.deepEqual(statuses, [200, 200])
  assert.deepEqual([anew.existed, anew.tickets, anew.sign_in.requester], [true, 0, requester])
  assert.equal(old, 401)
  const { tickets, users, others_messages } = JSON.parse(removed.out)
  assert.deepEqual([tickets, users, others_messages], [200, 43, 0])
  assert.equal(nothing.out, 'There is nothing of the demo on this desk.\n')
  assert.equal(await logIn('boss@acme.com', password), 200)
  assert.equal(await logIn(anew.sign_in.requester, anew.sign_in.password), 401)
})

test('where real people are it is refused, and nothing is made, unless it is asked for clearly', async (t) => {
  const commands = openCommandLine(t)
  await commands.run(['db', 'migrate'])
  const file = new DatabaseSync(join(commands.folder, 'beckon-data/beckon.db'))
  file.exec(`insert into users (id, role, name, email, email_key, active, metadata, created_at, updated_at, version, public_version, public_updated_at)
    values ('usr_1', 'requester', 'Mia', 'mia@acme.com', 'mia@acme.com', 1, '{}', 0, 0, 1, 1, 0)`)

  const refused = await commands.run(['demo', '--minutes', '0'])
  const count = file.prepare('select count(*) as n from users').get()?.n
  const asked = await commands.run(['demo', '--minutes', '0', '--among-real-people'])
  const both = await commands.run(['demo', '--remove', '--minutes', '3'])
  const pace = await commands.run(['demo', '--pace', 'slow'])
  file.close()

  assert.deepEqual([refused.code, refused.out, count], [2, '', 1])
  assert.match(refused.err, /real people on this desk \(mia@acme\.com\).*--data-dir \.\/demo-data.*--among-real-people.*--remove/)
  assert.equal(asked.code, 0)
  assert.deepEqual([both.code, pace.code], [2, 2])
  assert.match(pace.err, /Give a number from 0\.05 to 600/)
})

// Shows the conversation of a ticket as it goes on, and says in it what you type.
//   BECKON_URL=http://127.0.0.1:3000 EMAIL=ada@example.com PASSWORD=… node examples/node/talk.js 1001
//   or with API_KEY=beckon_sk_…, whose scopes are events:read, tickets:read and tickets:write
import { createInterface } from 'node:readline'
import { follow } from '../follow.js'

const { BECKON_URL: url = 'http://127.0.0.1:3000', EMAIL: email, PASSWORD: password, API_KEY: key } = process.env
const [ticket] = process.argv.slice(2)
const print = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)

if (!ticket || !(key || (email && password))) {
  print('Usage: EMAIL=… PASSWORD=… node examples/node/talk.js TICKET (or API_KEY=…)')
  process.exit(2)
}

async function signIn() {
  if (key) return { access_token: key }
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ email, password })
  const answer = await fetch(`${url}/v1/auth/login`, { method: 'POST', headers, body })
  const content = await answer.json()
  if (!answer.ok) throw new Error(content.title)
  return content
}

/** How each message was shown last, by id. @type {Map<string, string>} */
const shown = new Map()
const talk = follow({
  url,
  ticket,
  session: await signIn(),
  listener: {
    changed({ messages }) {
      for (const [id] of shown) if (!messages.has(id)) print(`- ${id}`)
      for (const [id] of shown) if (!messages.has(id)) shown.delete(id)
      for (const message of [...messages.values()].sort((a, b) => (a.created_at < b.created_at ? -1 : 1))) {
        const text = `${message.author.name}${message.visibility === 'internal' ? ' (note)' : ''}: ${message.body}`
        if (shown.get(message.id) !== text) print(`${shown.has(message.id) ? '*' : '+'} ${text}`)
        shown.set(message.id, text)
      }
    },
    heard(frame) {
      if (frame.type === 'typing' && frame.active) print(`… ${frame.user.name} is writing`)
      if (frame.type === 'error') print(`! ${frame.problem.title}`)
    },
    moved: (state) => print(`~ ${state}`),
    ended(problem) {
      print(`! ${problem.title ?? 'This ticket is not yours to see any more.'}`)
      process.exit(1)
    },
  },
})

createInterface({ input: process.stdin })
  .on('line', (line) => line.trim() && talk.send(line))
  .on('close', () => talk.stop())

import assert from 'node:assert/strict'
import type { Caller, Reply } from '../desk.ts'
import type { Role } from './roles.ts'

interface Canary {
  name: string
  /** Who must come across it. */
  seenBy: ReadonlySet<Role>
  /** Who may, beside them. */
  maybeBy: ReadonlySet<Role>
  wasSeenBy: Set<Role>
}

/** Texts that only some may see, looked for in every byte that each role receives. */
export interface Canaries {
  hide(text: string, about: { name: string; seenBy: readonly Role[]; maybeBy?: readonly Role[] }): void
  /** The same caller; every answer that he gets is searched. */
  watched(role: Role, caller: Caller): Caller
  /** Searches what came over a stream. */
  search(role: Role, stream: string, text: string): void
  /** Fails where somebody never came across what he must see: then the search would prove nothing. */
  assertSeen(): void
  /** How many texts were hidden, and in how many answers they were looked for. */
  counts(): { texts: number; answers: number }
}

export function createCanaries(): Canaries {
  const hidden = new Map<string, Canary>()
  let pattern: RegExp | undefined
  let answers = 0

  const search = (role: Role, request: string, text: string): void => {
    pattern ??= new RegExp([...hidden.keys()].sort((a, b) => b.length - a.length).join('|'), 'gi')
    answers++
    for (const { 0: found, index } of text.replaceAll(LEFT, '').matchAll(pattern)) {
      const canary = hidden.get(found.toLowerCase())
      // His own words come back to him in links.
      if (!canary || request.toLowerCase().includes(found.toLowerCase())) continue
      canary.wasSeenBy.add(role)
      if (canary.seenBy.has(role) || canary.maybeBy.has(role)) continue
      const around = text.replaceAll(LEFT, '').slice(Math.max(0, index - 1000), index + 1000)
      assert.fail(`${role} sees ${canary.name} (${found}) in the answer to ${request}: ${around}`)
    }
  }
  const look = (role: Role, request: string, reply: Reply): Reply => {
    search(role, request, `${JSON.stringify(reply.headers)} ${reply.text} ${readable(reply)}`)
    return reply
  }

  return {
    hide(text, { name, seenBy, maybeBy = [] }) {
      assert.match(text, /^[\w.@:-]+$/, 'a canary is one word')
      pattern = undefined
      hidden.set(text.toLowerCase(), { name, seenBy: new Set(seenBy), maybeBy: new Set(maybeBy), wasSeenBy: new Set() })
    },
    search,
    watched: (role, caller) => ({
      get: async (path, headers) => look(role, `GET ${path}`, await caller.get(path, headers)),
      post: async (path, body, headers) => look(role, `POST ${path}`, await caller.post(path, body, headers)),
      patch: async (path, body, headers) => look(role, `PATCH ${path}`, await caller.patch(path, body, headers)),
      put: async (path, body, headers) => look(role, `PUT ${path}`, await caller.put(path, body, headers)),
      delete: async (path, headers) => look(role, `DELETE ${path}`, await caller.delete(path, headers)),
      upload: async (file, headers) => look(role, `upload ${file.name}`, await caller.upload(file, headers)),
    }),
    assertSeen() {
      const missed = [...hidden.values()].flatMap(({ name, seenBy, wasSeenBy }) =>
        [...seenBy].filter((role) => !wasSeenBy.has(role)).map((role) => `${role} never saw ${name}`),
      )
      assert.deepEqual(missed, [])
    },
    counts: () => ({ texts: hidden.size, answers }),
  }
}

// A stream says of a ticket that its reader could see once that it is his no more: its id, and nothing else.
const LEFT = /\{"type":"left","ticket_id":"tkt_\w{26}","topics":\["all"\],"again":false,"position":\d+\}/g

/** What anybody can read in a cursor. */
function readable({ body }: Reply): string {
  const cursor: unknown = body?.next_cursor
  return typeof cursor === 'string'
    ? cursor
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
        .join(' ')
    : ''
}

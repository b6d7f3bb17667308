import { readFileSync } from 'node:fs'
import { allEvents } from './platform/events.ts'
import { buildOpenApi, type Examples, type OpenApiDocument } from './platform/http/openapi.ts'
import type { Route } from './platform/http/route.ts'
import { allProblems } from './platform/problems.ts'
import { version } from './version.ts'

/** Where the examples are kept that the tests record. */
export const examplesFile = new URL('../docs/examples.json', import.meta.url)

/** The examples as they were recorded last. */
export function readExamples(): Examples {
  // Written by the recorder in test/examples.ts, and checked against every schema by test/openapi.test.ts.
  return JSON.parse(readFileSync(examplesFile, 'utf8')) as Examples
}

/** The OpenAPI document of the whole house. Without `publicUrl` it names no server: that is the copy in `docs/`. */
export function describeApi({
  routes,
  publicUrl,
  examples = readExamples(),
}: {
  routes: readonly Route[]
  publicUrl?: string
  examples?: Examples
}): OpenApiDocument {
  return buildOpenApi({
    title: 'Beckon',
    version,
    description,
    routes,
    problems: allProblems(),
    events: allEvents().map(({ type }) => type),
    examples,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    tags,
  })
}

const tags = [
  { name: 'Signing in', description: 'Registering, signing in and out, and forgotten passwords.' },
  { name: 'Me', description: 'The one who asks: name, address, password and sessions.' },
  { name: 'Tickets', description: 'What people ask for, and what becomes of it.' },
  { name: 'Participants', description: 'Who takes part in a ticket, what he may do, and what he wants to hear of it.' },
  { name: 'Messages', description: 'The conversation of a ticket: public replies and internal notes.' },
  { name: 'Drafts', description: 'What people have begun to write; each sees his own alone.' },
  { name: 'Attachments', description: 'Files: uploaded first, then named by a message.' },
  { name: 'Links', description: 'What tickets have to do with each other.' },
  { name: 'Merges', description: 'Tickets that go into one another, come out again, and are split.' },
  { name: 'Canned replies', description: 'Texts that staff keep to write them again.' },
  { name: 'Macros', description: 'Messages and changes that staff keep to make them again, in one go.' },
  { name: 'Views', description: 'Work lists that people keep, for themselves or with their team.' },
  { name: 'Mail', description: 'Mail that goes out, what became of it, and addresses that get none.' },
  { name: 'Events', description: 'What happened, in order, as far as you may see it.' },
  { name: 'Realtime', description: 'What happens, told as it happens: streams, who is here, and who has read what.' },
  { name: 'Users', description: 'Requesters, agents and admins.' },
  { name: 'Organizations', description: 'Customer companies.' },
  { name: 'Teams', description: 'Groups of agents.' },
  { name: 'Queues', description: 'Where tickets wait, and who works on them.' },
  { name: 'Lifecycles', description: 'Statuses of your own, and who may bring a ticket from one to another.' },
  { name: 'Assignment', description: 'Who takes what: agents, what tickets ask of them, and hand-overs.' },
  { name: 'Categories', description: 'What tickets are about: a tree.' },
  { name: 'Ticket types', description: 'Kinds of tickets, for staff.' },
  { name: 'Fields', description: 'What else is kept about tickets.' },
  { name: 'Routing', description: 'Rules that say where tickets go by themselves.' },
  { name: 'Mailboxes', description: 'Support addresses, and the domains that sign mail.' },
  { name: 'Mail templates', description: 'What mail says in other words than those that are built in.' },
  { name: 'Tags', description: 'The tags that tickets carry, as a whole.' },
  { name: 'Jobs', description: 'What takes more than a moment, and how far it is.' },
  { name: 'API keys', description: 'Credentials for programs.' },
  { name: 'Inbound mail', description: 'Mail that comes in: how it is handed over, and what becomes of it.' },
  { name: 'Settings', description: 'What admins decide for the whole desk.' },
  { name: 'Process', description: 'What the process says about itself.' },
]

const description = `A help desk without a face: support tickets behind a REST API.

**Begin** with \`POST /v1/auth/register\`, follow the mail, and send \`Authorization: Bearer …\` with the \`access_token\` from then on.

| | |
| --- | --- |
| Ids | A prefix and 26 characters: \`tkt_01kb2m8h5zf3v9w4q7n1x6c0td\`. A path that takes a ticket also takes its number, \`1042\`, and \`ext:\` with your own id. |
| Times | RFC 3339, UTC, with milliseconds. |
| Lists | \`limit\` and \`cursor\`; give the \`next_cursor\` of a page for the next one. In a filter a comma means or, and different filters mean and. |
| Changes | \`PATCH\` is a merge patch (RFC 7396): \`null\` clears, and a key that is not known is refused. |
| Two at once | Send the \`ETag\` of what you read as \`If-Match\`: where somebody was faster the answer is 412, and nothing is changed. |
| Retries | Send an \`Idempotency-Key\` with a change: the same request with the same key is done once, for 24 hours. |
| Failures | \`application/problem+json\` (RFC 9457). Decide by \`code\`; [all codes](/errors) are kept for ever. Before any operation is reached the answer may also be 404 \`route_not_found\`, 405, 408, 414 or 431. |
| Live | What happens is told as it happens, by event stream (\`GET /v1/stream\`) or WebSocket (\`GET /v1/ws\`); \`position\` is the place to go on from. [/docs/realtime](/docs/realtime) opens one. |
| Limits | \`RateLimit\` and \`RateLimit-Policy\` say what is left; 429 comes with \`Retry-After\`. |
| Additions | Within \`/v1\` things are only added: ignore keys, values and events that you do not know. |`

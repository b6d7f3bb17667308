import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { InjectOptions, LightMyRequestResponse as InjectResponse } from 'fastify'
import { type App, openApp } from '../src/app.ts'
import { type Config, loadConfig } from '../src/config.ts'
import { createUser } from '../src/modules/directory/index.ts'
import type { Role } from '../src/platform/actor.ts'
import { systemActor } from '../src/platform/actor.ts'
import { type Clock, systemClock } from '../src/platform/clock.ts'
import { fromJson } from '../src/platform/codecs.ts'
import type { Database } from '../src/platform/database/database.ts'
import { createLog } from '../src/platform/log.ts'
import { createSecrets, type Secrets } from '../src/platform/secrets.ts'
import { checkAnswer } from './answers.ts'
import { freshDatabase } from './engine.ts'
import { formOf } from './forms.ts'
import { createReplyCheck, type Watch } from './replies.ts'

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  advance(ms: number): void
}

// The answers of a test are read as they come: their shapes are checked against the OpenAPI, not by types.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any

/** An answer as it came over the wire. */
export interface Reply {
  status: number
  headers: Record<string, string>
  body: Json
  text: string
  bytes: Buffer
}

type Headers = Record<string, string>

/** Somebody who sends requests. */
export interface Caller {
  get(path: string, headers?: Headers): Promise<Reply>
  post(path: string, body?: unknown, headers?: Headers): Promise<Reply>
  patch(path: string, body: unknown, headers?: Headers): Promise<Reply>
  put(path: string, body?: unknown, headers?: Headers): Promise<Reply>
  delete(path: string, headers?: Headers): Promise<Reply>
  /** Uploads a file. */
  upload(file: UploadedFile, headers?: Headers): Promise<Reply>
}

/** A file as a form has it. */
export interface UploadedFile {
  name?: string
  content: string | Buffer
  type?: string
}

/** A signed-in person. */
export interface Person extends Caller {
  id: string
  email: string
  name: string
  role: Role
  token: string
  session_id: string
  refresh_token: string
}

/** A whole desk in memory: the real app on a real database, only its clock replaced. */
export interface Desk {
  app: App
  database: Database
  config: Config
  clock: TestClock
  /** What the installation's secrets derive from. */
  secrets: Secrets
  /** Everything that was logged, as text. */
  logged(): string
  /** Nobody: sends no credential. */
  anyone: Caller
  /** Somebody with this bearer credential. */
  bearer(token: string): Caller
  /** Somebody new, signed in. */
  person(of?: {
    role?: Role
    name?: string
    email?: string
    organization_id?: string
    organization_role?: 'member' | 'manager'
  }): Promise<Person>
  settle(): Promise<void>
  /** Exactly these types of events were announced since the last call, in order of position. */
  announced(types: string[]): Promise<void>
  /** What was announced since the last call, in order of position. */
  announcements(): Promise<
    { type: string; visibility: string; subject_id: string; actor_id: string; data: Json; previous: Json }[]
  >
  /** The mails in the outbox, oldest first. */
  mails(): Promise<{ to: string; subject: string; text: string }[]>
  /** Another node of the same installation, on the same database, whose clock is the real one unless it is given; closed with the test, or before. */
  node(clock?: Clock, env?: Record<string, string>): Promise<{ app: App; close(): Promise<void>; bearer(token: string): Caller }>
  /** A row straight from the database, to look at what no answer shows. */
  query(sql: string, parameters?: unknown[]): Promise<Json[]>
}

export interface DeskOptions {
  env?: Record<string, string>
  synchronous?: 'FULL' | 'OFF'
  /** Whether it stands beside another desk that is in use. */
  apart?: boolean
  startAt?: number
  /** Sees every request that a caller of this desk sends, and its answer. */
  watch?: Watch
  /** Reactions, and kinds of timers and jobs, that no module brings. */
  more?: Parameters<typeof openApp>[0]['more']
  /** The TXT records that the DNS has, by name; nobody asks the real one. */
  txtRecords?: Readonly<Record<string, string[][]>>
}

/** Opens a desk that is closed when the test ends. */
export async function openDesk(
  t: TestContext,
  { env = {}, startAt = Date.UTC(2026, 10, 22, 9), watch, more = {}, txtRecords = {}, ...options }: DeskOptions = {},
): Promise<Desk> {
  const lines: string[] = []
  const log = createLog({ level: 'debug', format: 'json', destination: { write: (line: string) => void lines.push(line) } })
  const { open } = await freshDatabase(options)
  const database = await open()
  let now = startAt
  const clock: TestClock = {
    now: () => now,
    advance: (ms) => {
      now += ms
    },
  }
  const secret = randomBytes(32).toString('base64url')
  const dataDir = mkdtempSync(join(tmpdir(), 'beckon-desk-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const configOf = (changes: Record<string, string>) =>
    loadConfig({
      // How busy the machine of the tests is, is no matter of theirs.
      env: { BECKON_RATE_LIMIT_PER_MINUTE: '0', BECKON_SHED_AFTER_MS: '0', BECKON_DATA_DIR: dataDir, ...env, ...changes },
    })
  const config = configOf({})
  const lookUpTxt = async (name: string): Promise<string[][]> => txtRecords[name] ?? []
  const app = await openApp({ config, database, clock, log, secret, inspect: checkAnswer, lookUpTxt, more })
  t.after(() => app.close())
  const check = createReplyCheck(app, { isLimited: config.rateLimitPerMinute > 0, watch })

  let seen = 0
  const announcements: Desk['announcements'] = async () => {
    await app.settle()
    const rows = await database.reader.selectFrom('events').selectAll().where('position', '>', seen).orderBy('position').execute()
    seen = rows.at(-1)?.position ?? seen
    return rows.map((row) => ({
      ...row,
      data: fromJson<Json>(row.data),
      previous: row.previous === null ? null : fromJson<Json>(row.previous),
    }))
  }

  const desk: Desk = {
    app,
    database,
    config,
    clock,
    secrets: createSecrets(secret),
    logged: () => lines.join(''),
    anyone: callerOf(app, { token: undefined, check }),
    bearer: (token) => callerOf(app, { token, check }),
    async person({ role = 'requester', name = `Person ${nextName()}`, email, ...rest } = {}) {
      const address = email ?? `${name.toLowerCase().replaceAll(' ', '.')}.${nextName()}@example.com`
      const { user, session } = await app.transact(async (tx) => {
        const user = await createUser(tx, systemActor, { role, name, email: address, email_is_proven: true, ...rest })
        return { user, session: await app.accounts.openSession(tx, user.id) }
      })
      const { access_token: token, refresh_token, id: session_id } = session
      await announcements()
      return { id: user.id, email: address, name, role, token, session_id, refresh_token, ...callerOf(app, { token, check }) }
    },
    settle: () => app.settle(),
    announcements,
    async announced(types) {
      assert.deepEqual(
        (await announcements()).map(({ type }) => type),
        types,
      )
    },
    async mails() {
      await app.settle()
      const rows = await database.reader.selectFrom('outbox_mails').selectAll().orderBy('created_at').orderBy('id').execute()
      return rows.map(({ to_address, subject, text }) => ({ to: to_address, subject, text }))
    },
    async node(own = systemClock, changes = {}) {
      const other = await openApp({
        config: configOf(changes),
        database: await open(),
        clock: own,
        log,
        secret,
        inspect: checkAnswer,
        lookUpTxt,
        more,
      })
      let closing: Promise<void> | undefined
      const close = (): Promise<void> => (closing ??= other.close())
      t.after(close)
      const check = createReplyCheck(other, { isLimited: config.rateLimitPerMinute > 0, watch })
      return { app: other, close, bearer: (token) => callerOf(other, { token, check }) }
    },
    async query(sql, parameters = []) {
      const { connectionOf } = await import('../src/platform/database/connection.ts')
      return (await connectionOf(database.reader).query(sql, parameters)).rows
    },
  }
  return desk
}

/** What a stream says up to the present; then its reader goes. */
async function beginningOf(app: App, response: InjectResponse): Promise<string> {
  const body = response.stream()
  const chunks: Buffer[] = []
  body.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (/^text\/event-stream/.test(String(response.headers['content-type']))) {
    await app.hub.settle()
    await setImmediate()
    const gone = once(response.raw.res, 'close')
    response.raw.res.destroy()
    await gone
  } else await once(body, 'end')
  return Buffer.concat(chunks).toString()
}

let names = 0
function nextName(): number {
  return ++names
}

type Check = ReturnType<typeof createReplyCheck>

function callerOf(app: App, { token, check }: { token: string | undefined; check: Check }): Caller {
  const send = async (
    method: InjectOptions['method'],
    url: string,
    { body, headers = {} }: { body?: unknown; headers?: Headers | undefined },
  ): Promise<Reply> => {
    const isStream = method === 'GET' && /^\/v1\/stream(\?|$)/.test(url)
    const response = await app.server.inject({
      payloadAsStream: isStream,
      method: method ?? 'GET',
      url,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    })
    const text = isStream ? await beginningOf(app, response) : response.body
    const isJson = /json/.test(String(response.headers['content-type'] ?? ''))
    const reply = {
      status: response.statusCode,
      headers: response.headers as Record<string, string>,
      text,
      bytes: isStream ? Buffer.from(text) : response.rawPayload,
      body: isJson && text !== '' ? JSON.parse(text) : null,
    }
    check({ method: method ?? 'GET', url, body: Buffer.isBuffer(body) ? undefined : body, reply })
    return reply
  }
  return {
    get: (path, headers) => send('GET', path, { headers }),
    post: (path, body, headers) => send('POST', path, { body, headers }),
    patch: (path, body, headers) => send('PATCH', path, { body, headers }),
    put: (path, body, headers) => send('PUT', path, { body, headers }),
    delete: (path, headers) => send('DELETE', path, { headers }),
    upload: (file, headers) => {
      const { body, type } = formOf([{ part: 'file', ...file }])
      return send('POST', '/v1/attachments', { body, headers: { 'content-type': type, ...headers } })
    },
  }
}

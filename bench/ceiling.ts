import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { promisify } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import { createPool, type Pool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { newId } from '../src/platform/ids.ts'

// The ceiling: what bare Fastify does with one hand-written statement for a read, and with the same rows in one transaction of the
// same durability for a write. No sign-in, no permissions, no validation, no idempotency, no limits, no log.

type Row = Record<string, unknown>
interface Run {
  all(sql: string, values: unknown[]): Promise<Row[]>
  run(sql: string, values: unknown[]): Promise<number>
}
interface Store extends Run {
  engine: 'sqlite' | 'mysql'
  transaction<T>(work: (run: Run) => Promise<T>): Promise<T>
}

function sqliteStore(path: string): Store {
  const open = () => {
    const file = new DatabaseSync(path)
    file.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536; pragma mmap_size = 268435456')
    const statements = new Map<string, StatementSync>()
    const statement = (sql: string): StatementSync => {
      const kept = statements.get(sql) ?? file.prepare(sql)
      statements.set(sql, kept)
      return kept
    }
    return {
      file,
      all: async (sql: string, values: unknown[]) => statement(sql).all(...(values as string[])) as Row[],
      run: async (sql: string, values: unknown[]) => Number(statement(sql).run(...(values as string[])).changes),
    }
  }
  const writer = open()
  const reader = open()
  let turn: Promise<unknown> = Promise.resolve()
  return {
    engine: 'sqlite',
    all: reader.all,
    run: writer.run,
    transaction: (work) => {
      const mine = turn.then(async () => {
        writer.file.exec('begin immediate')
        try {
          const value = await work(writer)
          writer.file.exec('commit')
          return value
        } catch (error) {
          writer.file.exec('rollback')
          throw error
        }
      })
      turn = mine.catch(() => {})
      return mine
    },
  }
}

function mysqlStore(url: string): Store {
  const pool: Pool = createPool({ uri: url, connectionLimit: 16, charset: 'utf8mb4_bin' })
  const on = (target: Pick<Pool, 'query'>): Run => ({
    all: async (sql, values) => (await target.query<RowDataPacket[]>(sql, values))[0],
    run: async (sql, values) => (await target.query<ResultSetHeader>(sql, values))[0].affectedRows,
  })
  return {
    engine: 'mysql',
    ...on(pool),
    transaction: async (work) => {
      const connection = await pool.getConnection()
      try {
        await connection.query('begin')
        const value = await work(on(connection))
        await connection.query('commit')
        return value
      } catch (error) {
        await connection.query('rollback')
        throw error
      } finally {
        connection.release()
      }
    },
  }
}

const TICKET = `id, number, subject, status, status_category, priority, queue_id, category_id, requester_id, organization_id, assignee_id,
  tags, channel, external_id, metadata, follow_up_of_id, pending_until, first_response_at, solved_at, closed_at, last_message_at, message_count,
  created_at, updated_at, version`
const text = { type: 'string' }
const orNull = (type: string) => ({ type: [type, 'null'] })
const ticketSchema = {
  type: 'object',
  properties: Object.fromEntries(
    TICKET.split(/,\s+/).map((name) => [
      name.trim(),
      /_at$|number|priority|version|count|until/.test(name) ? orNull('integer') : orNull('string'),
    ]),
  ),
}
const messageSchema = {
  type: 'object',
  properties: {
    id: text,
    ticket_id: text,
    author_id: text,
    author_name: orNull('string'),
    visibility: text,
    body: text,
    body_html: text,
    created_at: { type: 'integer' },
  },
}

/** What the caller tells: who writes, and where. */
export interface CeilingFacts {
  requester_id: string
  agent_id: string
  queue_id: string
}

function routes(app: FastifyInstance, store: Store, facts: CeilingFacts): void {
  const list = (sql: string, values: (query: Record<string, string>) => unknown[]) => async (request: { query: unknown }) => ({
    data: await store.all(sql, values(request.query as Record<string, string>)),
  })
  const listSchema = { response: { 200: { type: 'object', properties: { data: { type: 'array', items: ticketSchema } } } } }
  app.get(
    '/list',
    { schema: listSchema },
    list(`select ${TICKET} from tickets order by created_at desc, id desc limit 26`, () => []),
  )
  app.get(
    '/filtered',
    { schema: listSchema },
    list(
      `select ${TICKET} from tickets where status_category = ? and priority = ? order by created_at desc, id desc limit 26`,
      ({ status = '', priority = '' }) => [status, Number(priority)],
    ),
  )
  const threadSchema = {
    response: {
      200: { type: 'object', properties: { ...ticketSchema.properties, messages: { type: 'array', items: messageSchema } } },
    },
  }
  app.get('/read/:id', { schema: threadSchema }, async (request) => {
    const { id } = request.params as { id: string }
    const rows = await store.all(
      `select ${TICKET.split(/,\s+/)
        .map((name) => `t.${name.trim()}`)
        .join(
          ', ',
        )}, m.id as m_id, m.author_id as m_author_id, u.name as m_author_name, m.visibility as m_visibility, m.body as m_body,
       m.body_html as m_body_html, m.created_at as m_created_at from tickets t join messages m on m.ticket_id = t.id
       left join users u on u.id = m.author_id where t.id = ? order by m.seq limit 100`,
      [id],
    )
    const messages = rows.map((row) => ({
      id: row.m_id,
      ticket_id: row.id,
      author_id: row.m_author_id,
      author_name: row.m_author_name,
      visibility: row.m_visibility,
      body: row.m_body,
      body_html: row.m_body_html,
      created_at: row.m_created_at,
    }))
    return { ...rows[0], messages }
  })
  app.post('/create', async (request) => create(store, facts, request.body as { subject: string; body: string }))
  app.post('/reply/:id', async (request) =>
    reply(store, facts, { id: (request.params as { id: string }).id, body: (request.body as { body: string }).body }),
  )
  app.post('/claim', async () => claim(store, facts))
  app.post('/login', async (request) => login(store, request.body as { email: string; password: string }))
}

async function insert(run: Run, table: string, rows: Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const group = `(${columns.map(() => '?').join(', ')})`
  await run.run(
    `insert into ${table} (${columns.join(', ')}) values ${rows.map(() => group).join(', ')}`,
    rows.flatMap((row) => Object.values(row)),
  )
}

function messageRow(ticket_id: string, seq: number, author_id: string, body: string): Row {
  const now = Date.now()
  const html = `<p>${body}</p>\n`
  return {
    id: newId('msg'),
    ticket_id,
    addressed_ticket_id: ticket_id,
    place: seq * 2 ** 20,
    author_type: 'user',
    author_id,
    visibility: 'public',
    body,
    body_html: html,
    channel: 'api',
    client_id: null,
    edited_at: null,
    retracted_at: null,
    redacted_at: null,
    created_at: now,
    updated_at: now,
    version: 1,
  }
}

async function writeEvents(store: Store, run: Run, events: Row[]): Promise<void> {
  if (store.engine === 'sqlite') {
    await run.run('update log_head set position = position + ? where id = 1', [events.length])
    const [head] = await run.all('select position from log_head where id = 1', [])
    await insert(
      run,
      'events',
      events.map((event, i) => ({ ...event, position: Number(head?.position) - events.length + 1 + i })),
    )
    return
  }
  await insert(run, 'events', events)
  await insert(
    run,
    'event_queue',
    events.map(({ id }) => ({ event_id: id })),
  )
}

function eventRow(ticket_id: string, seq: number, type: string, subject: { id: string; actor: string }): Row {
  return {
    id: newId('evt'),
    type,
    subject_type: type.split('.')[0],
    subject_id: subject.id,
    subject_version: 1,
    subject_public_version: 1,
    ticket_id,
    ticket_seq: seq,
    visibility: 'public',
    actor_type: 'user',
    actor_id: subject.actor,
    data: '{"queue_id":"que_01kb0000000000000000000000"}',
    previous: null,
    request_id: newId('req'),
    occurred_at: Date.now(),
  }
}

async function writeSearch(store: Store, run: Run, documents: { id: string; owner_id: string; text: string }[]): Promise<void> {
  for (const { id, owner_id, text } of documents) {
    const tokens = text
      .split(' ')
      .map((word) => `zq${word}`)
      .join(' ')
    if (store.engine === 'mysql') {
      await insert(run, 'ticket_search', [{ document_id: id, owner_id, visibility: 'public', tokens }])
      continue
    }
    await insert(run, 'ticket_search_documents', [{ document_id: id, owner_id, visibility: 'public' }])
    await run.run('insert into ticket_search (rowid, tokens) values (last_insert_rowid(), ?)', [tokens])
  }
}

async function create(store: Store, facts: CeilingFacts, { subject, body }: { subject: string; body: string }) {
  return store.transaction(async (run) => {
    const id = newId('tkt')
    const now = Date.now()
    let number = 0
    if (store.engine === 'sqlite') {
      await run.run('update ticket_numbers set number = number + 1', [])
      number = Number((await run.all('select number from ticket_numbers', []))[0]?.number)
    } else {
      await run.run('insert into ticket_numbers () values ()', [])
      number = Number((await run.all('select last_insert_id() as number', []))[0]?.number)
    }
    const ticket = {
      id,
      number,
      subject,
      status: 'new',
      status_category: 'new',
      priority: 2,
      waiting_rank: 2,
      queue_id: facts.queue_id,
      category_id: null,
      requester_id: facts.requester_id,
      organization_id: null,
      assignee_id: null,
      tags: '[]',
      channel: 'api',
      external_id: null,
      metadata: '{}',
      follow_up_of_id: null,
      pending_until: null,
      first_response_at: null,
      solved_at: null,
      closed_at: null,
      last_message_at: now,
      public_last_message_at: now,
      message_count: 1,
      public_message_count: 1,
      last_seq: 2,
      version: 1,
      public_version: 1,
      created_at: now,
      updated_at: now,
      public_updated_at: now,
      deleted_at: null,
    }
    await insert(run, 'tickets', [ticket])
    const message = messageRow(id, 2, facts.requester_id, body)
    await insert(run, 'messages', [message])
    await writeSearch(store, run, [
      { id, owner_id: id, text: subject },
      { id: String(message.id), owner_id: id, text: body },
    ])
    await writeEvents(store, run, [
      eventRow(id, 1, 'ticket.created', { id, actor: facts.requester_id }),
      eventRow(id, 2, 'message.created', { id: String(message.id), actor: facts.requester_id }),
    ])
    return ticket
  })
}

async function reply(store: Store, facts: CeilingFacts, { id, body }: { id: string; body: string }) {
  return store.transaction(async (run) => {
    const lock = store.engine === 'mysql' ? ' for update' : ''
    const [ticket] = await run.all(`select last_seq, version from tickets where id = ?${lock}`, [id])
    const seq = Number(ticket?.last_seq) + 1
    const message = messageRow(id, seq, facts.agent_id, body)
    await insert(run, 'messages', [message])
    await writeSearch(store, run, [{ id: String(message.id), owner_id: id, text: body }])
    const now = Date.now()
    await run.run(
      'update tickets set message_count = message_count + 1, public_message_count = public_message_count + 1, last_message_at = ?, public_last_message_at = ?, updated_at = ?, public_updated_at = ?, version = version + 1, public_version = public_version + 1, last_seq = ? where id = ?',
      [now, now, now, now, seq, id],
    )
    await writeEvents(store, run, [eventRow(id, seq, 'message.created', { id: String(message.id), actor: facts.agent_id })])
    return message
  })
}

async function claim(store: Store, facts: CeilingFacts) {
  return store.transaction(async (run) => {
    const lock = store.engine === 'mysql' ? ' for update skip locked' : ''
    const [ticket] = await run.all(
      `select ${TICKET}, last_seq from tickets where queue_id = ? and waiting_rank is not null order by waiting_rank, created_at, id limit 1${lock}`,
      [facts.queue_id],
    )
    if (!ticket) return { none: true }
    const seq = Number(ticket.last_seq) + 1
    const now = Date.now()
    await run.run(
      'update tickets set assignee_id = ?, status = ?, status_category = ?, waiting_rank = null, updated_at = ?, public_updated_at = ?, version = version + 1, public_version = public_version + 1, last_seq = ? where id = ? and assignee_id is null',
      [facts.agent_id, 'open', 'open', now, now, seq, ticket.id],
    )
    await writeEvents(store, run, [
      eventRow(String(ticket.id), seq, 'ticket.assigned', { id: String(ticket.id), actor: facts.agent_id }),
    ])
    return ticket
  })
}

const hash = promisify(argon2)

async function login(store: Store, { email, password }: { email: string; password: string }) {
  const [user] = await store.all(
    'select u.id, c.password_hash from users u join credentials c on c.user_id = u.id where u.email_key = ?',
    [email],
  )
  const [, , , , salt = '', digest = ''] = String(user?.password_hash).split('$')
  const made = await hash('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64'),
    parallelism: 1,
    tagLength: 32,
    memory: 19_456,
    passes: 2,
  })
  if (!timingSafeEqual(made, Buffer.from(digest, 'base64'))) throw new Error('wrong password')
  return store.transaction(async (run) => {
    const now = Date.now()
    const id = newId('ses')
    const session = {
      id,
      user_id: user?.id,
      generation: 1,
      rotated_at: now,
      created_at: now,
      last_used_at: now,
      expires_at: now + 1e9,
      ended_at: null,
      ended_reason: null,
      client_address: '127.0.0.1',
      user_agent: null,
    }
    await insert(run, 'sessions', [session])
    await writeEvents(store, run, [
      { ...eventRow('', 0, 'session.created', { id, actor: String(user?.id) }), ticket_id: null, ticket_seq: null },
    ])
    return { id, token: randomBytes(32).toString('hex') }
  })
}

const [where = '', port = '0', facts = '{}'] = process.argv.slice(2)
const app = Fastify({ logger: false })
app.setErrorHandler((error, _request, reply) => {
  process.stderr.write(`${String(error)}\n`)
  return reply.code(500).send()
})
routes(app, where.startsWith('mysql:') ? mysqlStore(where) : sqliteStore(where), JSON.parse(facts) as CeilingFacts)
await app.listen({ port: Number(port), host: '127.0.0.1' })

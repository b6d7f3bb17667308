import { Type } from 'typebox'
import { freeBytes, isLow } from './disk-space.ts'
import { migrations } from './migrations.ts'
import type { Clock } from './platform/clock.ts'
import type { Database } from './platform/database/database.ts'
import { migrationStates } from './platform/database/migrate.ts'
import type { Reader } from './platform/database/schema.ts'
import { ok } from './platform/http/answer.ts'
import { ShuttingDown } from './platform/http/problems.ts'
import { type Route, route } from './platform/http/route.ts'
import { named, strict } from './platform/http/schemas.ts'
import { DatabaseAway } from './platform/problems.ts'

const LATE_MS = 60_000

const Alive = named('Alive', strict({ status: Type.Literal('ok') }))
const Ready = named(
  'Ready',
  strict({
    status: Type.Literal('ok'),
    database: Type.Literal('ok', { description: 'It can be written.' }),
    migrations: Type.Literal('ok', { description: 'Its schema is the one of this version.' }),
    disk: Type.Unsafe<'ok' | 'low'>(
      Type.String({ enum: ['ok', 'low'], description: '`low` when less than 1 GiB is free where the data folder lies.' }),
    ),
    deliveries: Type.Unsafe<'ok' | 'late'>(
      Type.String({
        enum: ['ok', 'late'],
        description: '`late` when something that is owed has been due for more than a minute.',
      }),
    ),
  }),
)
const Version = named(
  'Version',
  strict({
    version: Type.String({ description: 'The version of Beckon.', examples: ['0.1.0'] }),
    node: Type.String({ description: 'The version of Node.js that it runs on.', examples: ['26.10.0'] }),
    database: Type.Unsafe<'sqlite' | 'mariadb' | 'mysql'>(
      Type.String({ enum: ['sqlite', 'mariadb', 'mysql'], description: 'What keeps the data.' }),
    ),
  }),
)

/** What a process says about itself: for load balancers, orchestrators and people. */
export function processRoutes({
  database,
  clock,
  dataDir,
  version,
  isStopping,
}: {
  database: Database
  clock: Clock
  /** The folder of what is kept in files. */
  dataDir: string
  version: string
  /** Whether it was told to stop: it is to be sent nothing new. */
  isStopping: () => boolean
}): Route[] {
  return [
    route({
      method: 'GET',
      path: '/livez',
      operationId: 'getLiveness',
      summary: 'Whether the process runs',
      description:
        'Answers as long as the process can answer at all, whatever state the database is in. Restart it when it does not.',
      tag: 'Process',
      isProbe: true,
      access: 'open',
      answers: { 200: Alive },
      handle: async () => ok({ status: 'ok' }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      operationId: 'getReadiness',
      summary: 'Whether the process can work',
      description:
        'Answers 503 while the database cannot be written or its schema is another version’s, and while the process is stopping. Send it no requests then. `low` and `late` are for people: the process works.',
      tag: 'Process',
      isProbe: true,
      access: 'open',
      answers: { 200: Ready },
      problems: [DatabaseAway],
      async handle() {
        if (isStopping()) throw ShuttingDown({ headers: { 'Retry-After': '1' } })
        try {
          await database.check()
          const deliveries = (await isLate(database.reader, clock.now())) ? 'late' : 'ok'
          const disk = isLow(freeBytes(dataDir)) ? 'low' : 'ok'
          await requireSchema(database)
          return ok({ status: 'ok', database: 'ok', migrations: 'ok', disk, deliveries })
        } catch (error) {
          throw Object.assign(DatabaseAway({ headers: { 'Retry-After': '1' } }), { cause: error })
        }
      },
    }),
    route({
      method: 'GET',
      path: '/version',
      operationId: 'getVersion',
      summary: 'Which version runs',
      description: 'The versions of Beckon and of its runtime, and the kind of database.',
      tag: 'Process',
      isProbe: true,
      access: 'open',
      answers: { 200: Version },
      handle: async () => ok({ version, node: process.versions.node, database: database.product.name }),
    }),
  ]
}

/** Refuses a database that has, or lacks, migrations of another version: it was migrated, or restored, behind this process's back. */
async function requireSchema(database: Database): Promise<void> {
  const states = await migrationStates(database, migrations)
  if (states.some(({ state }) => state !== 'applied')) throw new Error('The schema is not the one of this version.')
}

async function isLate(db: Reader, now: number): Promise<boolean> {
  const first = await db
    .selectFrom('deliveries')
    .select('due_at')
    .where('state', '=', 'due')
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst()
  return first !== undefined && now - first.due_at > LATE_MS
}

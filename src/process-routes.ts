import { Type } from 'typebox'
import type { Database } from './platform/database/database.ts'
import { ok } from './platform/http/answer.ts'
import { ShuttingDown } from './platform/http/problems.ts'
import { type Route, route } from './platform/http/route.ts'
import { named, strict } from './platform/http/schemas.ts'
import { DatabaseAway } from './platform/problems.ts'

const Alive = named('Alive', strict({ status: Type.Literal('ok') }))
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
  version,
  isStopping,
}: {
  database: Database
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
        'Answers 503 while the database cannot be written, and while the process is stopping. Send it no requests then.',
      tag: 'Process',
      isProbe: true,
      access: 'open',
      answers: { 200: Alive },
      problems: [DatabaseAway],
      async handle() {
        if (isStopping()) throw ShuttingDown({ headers: { 'Retry-After': '1' } })
        try {
          await database.check()
        } catch (error) {
          throw Object.assign(DatabaseAway({ headers: { 'Retry-After': '1' } }), { cause: error })
        }
        return ok({ status: 'ok' })
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

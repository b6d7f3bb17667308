import type { ProblemDefinition } from '../problems.ts'
import { headerComponents, headerParameters } from './openapi-headers.ts'
import { describeOperation, type OpenApiOperation, type OperationExample } from './openapi-operation.ts'
import { createSchemaRegistry, type Schema } from './openapi-schemas.ts'
import type { Route } from './route.ts'
import { ProblemBody } from './schemas.ts'

export type { OpenApiOperation }

/** What was recorded in tests: by operationId, and by the code of a problem. */
export interface Examples {
  operations: Record<string, OperationExample>
  problems: Record<string, unknown>
}

export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, OpenApiOperation>>
  components: Record<string, Record<string, Schema>>
  'x-problems': { code: string; status: number; title: string }[]
  'x-events': string[]
}

export interface ApiDescription {
  title: string
  version: string
  description: string
  routes: readonly Route[]
  problems: readonly ProblemDefinition[]
  /** The names of all kinds of events. */
  events: readonly string[]
  examples: Examples
  /** Where this server is reached; left out of the document that is kept in the repository. */
  publicUrl?: string
  /** The groups of operations, in the order of the reference; those without operations are left out. */
  tags: { name: string; description: string }[]
}

/** The OpenAPI 3.1 document of a table of operations. The same table gives the same document, byte for byte. */
export function buildOpenApi(api: ApiDescription): OpenApiDocument {
  const { title, version, description, routes, problems, events, examples, publicUrl, tags } = api
  const schemas = createSchemaRegistry()
  const responses = new Map<string, Schema>()
  const shared = {
    schemas,
    responses,
    examples: examples.operations,
    problemExamples: { baseUrl: publicUrl ?? 'https://desk.example.com', recorded: examples.problems },
  }
  schemas.publish(ProblemBody)
  const paths: OpenApiDocument['paths'] = {}
  for (const operation of routes) {
    const path = operation.path.replaceAll(/:([a-z_]+)/g, '{$1}')
    const methods = paths[path] ?? {}
    methods[operation.method.toLowerCase()] = describeOperation(operation, shared)
    paths[path] = methods
  }
  const used = new Set(routes.map(({ tag }) => tag))
  const described = tags.filter(({ name }) => used.has(name))
  const others = [...used].filter((name) => !tags.some((tag) => tag.name === name)).map((name) => ({ name, description: '' }))
  return {
    openapi: '3.1.0',
    info: { title, version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: publicUrl ?? '/' }],
    tags: [...described, ...others],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An access token of a signed-in person, or an API key (`beckon_sk_…`).',
        },
        realtime_token: {
          type: 'apiKey',
          in: 'query',
          name: 'token',
          description: 'A token of `POST /v1/realtime/tokens`, for one stream: a browser sends no header with these.',
        },
      },
      schemas: schemas.components(),
      parameters: headerParameters,
      headers: headerComponents,
      responses: Object.fromEntries([...responses].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    'x-problems': problems.map(({ code, status, title }) => ({ code, status, title })),
    'x-events': [...events],
  }
}

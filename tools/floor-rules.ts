import type { IConfiguration, IRegularForbiddenRuleType } from 'dependency-cruiser'
import { modules } from '../blueprint.ts'

// The floors as dependency-cruiser reads them. Tests may import anything.
const TEST = '\\.test\\.ts$'
const DOOR = '^src/modules/[^/]+/index\\.ts$'
const ROWS = '^src/modules/[^/]+/tables\\.ts$'
const WEB_ROOMS = ['^src/modules/[^/]+/[^/]*(routes|pages)\\.ts$', '^src/modules/[^/]+/(routes|pages)/', DOOR]

function forbid(name: string, comment: string, ends: Pick<IRegularForbiddenRuleType, 'from' | 'to'>): IRegularForbiddenRuleType {
  return { name, comment, severity: 'error', ...ends }
}

const floors: IRegularForbiddenRuleType[] = [
  forbid('platform-is-the-ground', 'The platform knows no noun of ours.', {
    from: { path: '^src/platform/', pathNot: TEST },
    to: { path: '^(src|test|tools|bench)/', pathNot: '^src/platform/' },
  }),
  forbid('modules-do-not-look-up', 'A module knows neither the app, nor the command line, nor the settings.', {
    from: { path: '^src/modules/', pathNot: TEST },
    to: { path: '^(src|test|tools|bench)/', pathNot: '^src/(modules|platform)/' },
  }),
  forbid('only-through-the-door', 'A module is reached through its index.ts; the shapes of its rows are types for all.', {
    from: { path: '^src/modules/([^/]+)/', pathNot: TEST },
    to: { path: '^src/modules/', pathNot: ['^src/modules/$1/', DOOR, ROWS] },
  }),
  forbid('rows-are-types', 'Of a foreign tables.ts only types may be imported.', {
    from: { path: '^src/modules/([^/]+)/', pathNot: TEST },
    to: { path: ROWS, pathNot: '^src/modules/$1/', dependencyTypesNot: ['type-only'] },
  }),
  forbid('upstairs-through-the-door', 'Whoever puts the house together knows the doors of modules, not their rooms.', {
    from: { path: '^src/', pathNot: ['^src/(modules|platform)/', TEST] },
    to: { path: '^src/modules/', pathNot: DOOR },
  }),
  forbid('web-stays-at-the-door', 'Only routes, pages and index.ts know operations, answers and pages.', {
    from: { path: '^src/modules/', pathNot: [...WEB_ROOMS, TEST] },
    to: {
      path: [
        '^src/platform/http/(server|admission|bodies|mount-route|send-answer|keyed-request|problem-answers|broken-requests|route|answer|page|idempotency|reference)\\.ts$',
        '^src/platform/http/openapi',
      ],
      dependencyTypesNot: ['type-only'],
    },
  }),
  forbid('web-framework-in-one-place', 'Fastify is known to src/platform/http alone; the owner of the app holds its type.', {
    from: { path: '^src/', pathNot: ['^src/platform/http/', TEST] },
    to: { path: '(^|node_modules/)(fastify|@fastify/[^/]+)(/|$)', dependencyTypesNot: ['type-only'] },
  }),
  forbid('drivers-in-one-place', 'Database drivers are known to src/platform/database alone.', {
    from: { path: '^src/', pathNot: ['^src/platform/database/', TEST] },
    to: { path: '(^|node_modules/)mysql2(/|$)|^(node:)?sqlite$' },
  }),
  forbid('redis-in-one-place', 'Redis is known to the bus alone, which any may do without.', {
    from: { path: '^src/', pathNot: ['^src/platform/redis-bus\\.ts$', TEST] },
    to: { path: '(^|node_modules/)@redis/' },
  }),
  forbid('traces-in-one-place', 'OpenTelemetry is known to one file, which is loaded only where traces are sent.', {
    from: { path: '^src/', pathNot: ['^src/platform/tracing/opentelemetry\\.ts$', TEST] },
    to: { path: '(^|node_modules/)@opentelemetry/' },
  }),
  forbid('commands-open-nothing', 'Doors open transactions; a command gets one.', {
    from: { path: '^src/modules/[^/]+/commands/', pathNot: TEST },
    to: { path: '^src/platform/(module|database/(open|database|sqlite|mysql[^/]*|migrate))\\.ts$' },
  }),
  forbid('no-development-in-production', 'What runs needs only dependencies.', {
    from: { path: '^src/', pathNot: TEST },
    to: { dependencyTypes: ['npm-dev'] },
  }),
  forbid('no-test-in-production', 'Tests, and what they share, are for tests.', {
    from: { path: '^src/', pathNot: TEST },
    to: { path: ['^test/', TEST] },
  }),
  forbid('everything-resolves', 'An import leads somewhere.', { from: {}, to: { couldNotResolve: true } }),
]

const plans = Object.entries(modules).flatMap(([name, { mayUse, pure }]) => [
  forbid(`${name}-uses-the-blueprint`, `blueprint.ts says whose doors ${name} may use.`, {
    from: { path: `^src/modules/${name}/`, pathNot: TEST },
    to: { path: '^src/modules/', pathNot: `^src/modules/(${[name, ...mayUse].join('|')})/` },
  }),
  forbid(`${name}-rules-are-pure`, 'Rules and policies know no database, no clock and no transaction.', {
    from: { path: `^src/modules/${name}/(${['policy.ts', ...pure].join('|').replaceAll('.', '\\.')})$` },
    to: {
      path: '^src/platform/(database/|transaction|clock|module|deliver)|(^|node_modules/)kysely(/|$)',
      dependencyTypesNot: ['type-only'],
    },
  }),
])

export const floorRules: IConfiguration = {
  forbidden: [...floors, ...plans],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count too: a type from upstairs is knowledge of upstairs.
    tsPreCompilationDeps: 'specify',
    // Without swc dependency-cruiser sees nothing under TypeScript 7, and reports success.
    parser: 'swc',
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}

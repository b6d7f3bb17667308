import { modules, platformTables } from '../blueprint.ts'

/** A file of the project: its path from the root, and its text. */
export interface Source {
  path: string
  text: string
}

/** A rule of STYLE.md that reading the source can check: says what is wrong with a file, in the words of who must mend it. */
export interface HouseRule {
  name: string
  complain(source: Source): string[]
}

const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.startsWith('test/')
const isProduct = (path: string): boolean => path.startsWith('src/') && !isTest(path)

// Each may, for the reason that stands beside it. A line that is not needed any more fails the test.
export const allowances: Record<string, readonly string[]> = {
  'wall clock': [
    'src/platform/clock.ts', // is the clock
    'src/platform/database/migrate.ts', // bounds a wait for another process, which no test clock moves
    'src/migrations/0001-house.ts', // stamps what a new installation starts with
    'src/migrations/0003-workflow.ts', // the same
    'src/realtime-page/panel.js', // runs in a browser
  ],
  chance: [
    'src/platform/deliver.ts', // jitter
    'src/modules/realtime/farewell.ts', // jitter
    'src/modules/sending/backoff.ts', // jitter
    'src/platform/transaction.ts', // jitter
    'src/platform/database/migrate.ts', // jitter
    'src/platform/database/sqlite.ts', // jitter
    'src/platform/http/shedding.ts', // jitter
    'src/modules/receiving/mailbox-reader.ts', // jitter
    'src/realtime-page/panel.js', // jitter, in a browser
  ],
}

const NO_NAME = /^(utils?|helpers?|common|shared|core|lib|misc|types|base|managers?|services?)$/
const NO_NAME_AT_END = /-(utils?|helpers?|misc|manager|service)$/

const WRITES = [
  /\b(?:insertInto|updateTable|deleteFrom|replaceInto|mergeInto)\(\s*['"`](\w+)/g,
  /\b(?:insertRows?|insertIfAbsent|nextNumber|deleteRows)\(\s*[\w.]+,\s*['"`](\w+)/g,
  /\b(?:insert(?: ignore)? into|delete from|replace into)\s+["`]?(\w+)/g,
  /\bupdate\s+["`]?(\w+)["`]?\s+set\b/g,
]

const ownerOf = new Map([
  ...platformTables.map((table) => [table, 'platform'] as const),
  ...Object.entries(modules).flatMap(([name, { tables }]) => tables.map((table) => [table, name] as const)),
])

/** The part of the house that a file belongs to: a module's name, `platform`, or `upstairs`. */
function partOf(path: string): string {
  return /^src\/modules\/([^/]+)\//.exec(path)?.[1] ?? (path.startsWith('src/platform/') ? 'platform' : 'upstairs')
}

export const houseRules: HouseRule[] = [
  {
    name: 'every file has a name of its own',
    complain: ({ path }) => {
      const names = path.split('/').map((part) => part.replace(/\..*$/, ''))
      const bad = names.filter((name) => NO_NAME.test(name) || NO_NAME_AT_END.test(name))
      return bad.map((name) => `${name} says nothing: what is it about?`)
    },
  },
  {
    name: 'only its owner writes to a table',
    complain: ({ path, text }) => {
      if (!isProduct(path) || path.startsWith('src/migrations/')) return []
      const tables = WRITES.flatMap((pattern) => Array.from(code(text).matchAll(pattern), ([, table = '']) => table))
      return tables
        .filter((table) => ownerOf.has(table) && ownerOf.get(table) !== partOf(path))
        .map((table) => `${table} belongs to ${ownerOf.get(table)}: call a command of its door`)
    },
  },
  {
    name: 'time comes from the clock',
    complain: ({ path, text }) => {
      if (!isProduct(path) || allowances['wall clock']?.includes(path)) return []
      return found(text, /\bDate\.now\(\)|\bnew Date\(\)|(?<![.\w])Date\(\)/g, 'take the clock, or tx.now')
    },
  },
  {
    name: 'nothing is left to Math.random but jitter',
    complain: ({ path, text }) => {
      if (!isProduct(path) || allowances.chance?.includes(path)) return []
      return found(text, /\bMath\.random\b/g, 'take node:crypto or newId')
    },
  },
  {
    name: 'settings are read in one place',
    complain: ({ path, text }) => {
      if (!isProduct(path) || /^src\/(main|config)\.ts$|^src\/cli\//.test(path)) return []
      return found(text, /\bprocess\.env\b/g, 'make it a setting in config.ts')
    },
  },
  {
    name: 'exports have names',
    complain: ({ path, text }) =>
      path.endsWith('.ts') ? found(text, /^export default\b|\bas default\b/gm, 'give it a name') : [],
  },
  {
    name: 'types can be erased',
    complain: ({ path, text }) =>
      path.endsWith('.ts') ? found(text, /^\s*(?:export )?(?:declare )?(?:const )?(?:enum|namespace) \w+/gm, 'take a union') : [],
  },
  {
    name: 'what is left to do has an issue',
    complain: ({ text }) => found(text, /\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))/g, 'write TODO(#12)', { inComments: true }),
  },
  {
    name: 'commands open no transaction',
    complain: ({ path, text }) => {
      if (!isProduct(path) || !/^src\/modules\/[^/]+\/commands\//.test(path)) return []
      const openers = /\b(?:transact|transactor|Transact|createTransactor|openDatabase|Ground)\b|\.write\(/g
      return found(text, openers, 'its caller opens the transaction')
    },
  },
]

function found(text: string, pattern: RegExp, todo: string, { inComments = false } = {}): string[] {
  const searched = inComments ? text : code(text)
  return Array.from(searched.matchAll(pattern), ({ 0: match, index }) => {
    return `line ${searched.slice(0, index).split('\n').length}: ${match.trim()}: ${todo}`
  })
}

/** The text with its comments blanked, line by line: near enough for a look, and never a reason to accept what is wrong. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, (comment) => ' '.repeat(comment.length))
}

// Fails where a change breaks clients without a word in the changelog.
//   node tools/contract-gate.ts origin/main
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type Contract, untoldChanges } from './contract.ts'

const base = process.argv[2]
if (base === undefined) {
  console.error('Say against what: node tools/contract-gate.ts origin/main')
  process.exit(2)
}
const now = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const then = (path: string) => execFileSync('git', ['show', `${base}:${path}`], { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 })
const untold = untoldChanges(contractOf(then), contractOf(now))
for (const change of untold) console.error(change)
console.error(
  untold.length === 0
    ? `contract: nothing since ${base} breaks clients without being told`
    : 'Within /v1 there are only additions. Where it must be: a line under **Breaking** in CHANGELOG.md that names it in backticks.',
)
process.exitCode = untold.length === 0 ? 0 : 1

function contractOf(read: (path: string) => string): Contract {
  return {
    openapi: JSON.parse(read('docs/openapi.json')),
    asyncapi: JSON.parse(read('docs/asyncapi.json')),
    changelog: read('CHANGELOG.md'),
  }
}

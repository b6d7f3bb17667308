// Writes docs/openapi.json from the tables of operations and the examples in docs/examples.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { breakingChanges } from '../test/breaking.ts'
import { renderOpenApi, withRoutes } from './render-openapi.ts'

const file = new URL('../docs/openapi.json', import.meta.url)
const text = await withRoutes(renderOpenApi)
const broken = existsSync(file) ? breakingChanges(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(text)) : []
if (broken.length > 0 && process.env.ALLOW_BREAKING !== '1') {
  console.error(`These changes break clients:\n${broken.map((change) => `  ${change}`).join('\n')}`)
  console.error('Within /v1 there are only additions. Where nobody can depend on it yet: ALLOW_BREAKING=1 npm run docs:make')
  process.exitCode = 1
} else writeFileSync(file, text)

// Writes docs/openapi.json from the tables of operations and the examples in docs/examples.json.
import { writeFileSync } from 'node:fs'
import { renderOpenApi, withRoutes } from './render-openapi.ts'

const text = await withRoutes(renderOpenApi)
writeFileSync(new URL('../docs/openapi.json', import.meta.url), text)

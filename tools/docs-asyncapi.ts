// Writes docs/asyncapi.json from the frames of the streams and the examples in docs/examples.json.
import { writeFileSync } from 'node:fs'
import { renderAsyncApi } from './render-asyncapi.ts'

writeFileSync(new URL('../docs/asyncapi.json', import.meta.url), renderAsyncApi())

// Writes deploy/helm/beckon/values.schema.json from the list of settings in src/config.ts.
import { writeFileSync } from 'node:fs'
import { renderValuesSchema } from './render-values-schema.ts'

writeFileSync(new URL('../deploy/helm/beckon/values.schema.json', import.meta.url), renderValuesSchema())

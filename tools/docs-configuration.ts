// Writes docs/configuration.md from the list of settings in src/config.ts.
import { writeFileSync } from 'node:fs'
import { renderConfigurationDocs } from '../src/config-docs.ts'

writeFileSync(new URL('../docs/configuration.md', import.meta.url), renderConfigurationDocs())

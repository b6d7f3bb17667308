// Writes docs/events.md from the events that the modules declare.
import { writeFileSync } from 'node:fs'
import { renderEventsDocs } from './render-events.ts'

writeFileSync(new URL('../docs/events.md', import.meta.url), renderEventsDocs())

// Writes docs/problems.md from the problems that the house declares.
import { writeFileSync } from 'node:fs'
import { renderProblemsDocs } from './render-problems.ts'

writeFileSync(new URL('../docs/problems.md', import.meta.url), renderProblemsDocs())

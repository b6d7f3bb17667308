// Writes docs/metrics.md from what a running desk exposes.
import { writeFileSync } from 'node:fs'
import { renderMetricsDocs } from './render-metrics.ts'

writeFileSync(new URL('../docs/metrics.md', import.meta.url), await renderMetricsDocs())
process.exit(0)

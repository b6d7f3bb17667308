// Writes docs/examples.json from a run of the story that calls every operation.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const story = fileURLToPath(new URL('../test/story.test.ts', import.meta.url))
const { status } = spawnSync(process.execPath, ['--test', story], {
  stdio: 'inherit',
  env: { ...process.env, RECORD_EXAMPLES: '1' },
})
process.exitCode = status ?? 1

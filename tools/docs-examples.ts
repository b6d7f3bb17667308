// Writes docs/examples.json from a run of the story that calls every operation.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const story = fileURLToPath(new URL('../test/story.test.ts', import.meta.url))
const { status } = spawnSync(process.execPath, ['--test', story], {
  stdio: 'inherit',
  // Always on SQLite: an answer names the database that it comes from.
  env: { ...process.env, RECORD_EXAMPLES: '1', TEST_DATABASE_URL: '' },
})
process.exitCode = status ?? 1

// A Beckon that knows one kind of timer more. Writes down when each firing of its own was committed.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApp } from '../../src/app.ts'
import { migrateConfigured, openConfigured, secretOf } from '../../src/cli/database.ts'
import { stopOnSignal } from '../../src/cli/stop.ts'
import { loadConfig } from '../../src/config.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import { ringer } from './rings.ts'

const config = loadConfig({ env: process.env })
const log = createLog({ level: config.logLevel, format: config.logFormat })
const database = await openConfigured(config, { log })
await migrateConfigured(database)
const heard = join(config.dataDir, 'rings')
const timers = [ringer((subject_id, committed_at) => appendFileSync(heard, `${subject_id} ${committed_at}\n`))]
const app = await openApp({ config, database, clock: systemClock, log, secret: secretOf(config), more: { timers } })
const stopped = stopOnSignal({ log, seconds: config.shutdownSeconds, close: () => app.close() })
await app.server.listen({ host: config.host, port: config.port })
await stopped
process.exit(0)

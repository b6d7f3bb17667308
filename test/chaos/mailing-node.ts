// A Beckon that writes one kind of mail, for the chaos of mail: whoever owes it is a row that stands in the database before.
import { openApp } from '../../src/app.ts'
import { migrateConfigured, openConfigured, secretOf } from '../../src/cli/database.ts'
import { stopOnSignal } from '../../src/cli/stop.ts'
import { loadConfig } from '../../src/config.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import { chaosLetters } from './mails.ts'

const config = loadConfig({ env: process.env })
const log = createLog({ level: config.logLevel, format: config.logFormat })
const database = await openConfigured(config, { log })
await migrateConfigured(database)
const more = { compose: () => chaosLetters }
const app = await openApp({ config, database, clock: systemClock, log, secret: secretOf(config), more })
const stopped = stopOnSignal({ log, seconds: config.shutdownSeconds, close: () => app.close() })
await app.server.listen({ host: config.host, port: config.port })
await stopped
process.exit(0)

import { describeApi } from '../src/api-description.ts'
import { openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { systemClock } from '../src/platform/clock.ts'
import type { Route } from '../src/platform/http/route.ts'
import { createLog } from '../src/platform/log.ts'
import { freshDatabase } from '../test/engine.ts'

/** `docs/openapi.json` as it should be. */
export function renderOpenApi(routes: readonly Route[]): string {
  return `${JSON.stringify(describeApi({ routes }), null, 2)}\n`
}

/** Puts a house together on a database of its own, for the sake of its tables of operations. */
export async function withRoutes<T>(read: (routes: readonly Route[]) => T): Promise<T> {
  const { open } = await freshDatabase()
  const app = await openApp({
    config: loadConfig({ env: {} }),
    database: await open(),
    clock: systemClock,
    log: createLog({ level: 'silent', format: 'json' }),
    secret: 'only-for-the-documentation-of-the-operations',
  })
  try {
    return read(app.routes)
  } finally {
    await app.close()
  }
}

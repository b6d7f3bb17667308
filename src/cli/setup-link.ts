import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../platform/log.ts'

/**
 * Hands the one-time link for the first admin to whoever started the server: on his terminal, or else in a file that only
 * he can read. Never in the log. Without a link, the file of an earlier start is taken away.
 */
export async function offerSetup({ link, dataDir, log }: { link: string | null; dataDir: string; log: Logger }): Promise<void> {
  const path = join(dataDir, 'setup-link')
  if (link === null || process.stderr.isTTY) rmSync(path, { force: true })
  if (link === null) return
  if (process.stderr.isTTY) {
    process.stderr.write(`  first admin     ${link}\n                  (there is none yet; the link works once)\n\n`)
    return
  }
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    rmSync(path, { force: true })
    writeFileSync(path, `${link}\n`, { mode: 0o600, flag: 'wx' })
    log.info({ file: path }, 'there is no admin yet: the file has a link, good for one use, that makes the first one')
  } catch (err) {
    log.warn({ err, file: path }, 'there is no admin yet, and the set-up link cannot be written: run `beckon admin create`')
  }
}

// One process of the suite: it takes test files, one after the other, until none is left. Loading the house, and on a server making its
// tables, takes longer than most files do. `run.ts` starts as many as may work at once, and says where the files are listed.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'

/** What every file ends with: a test that is no test, behind which all of its own are done. */
export const END_OF = 'the end of '
const FILE_MS = 900_000

/** Runs test files that no other lane has taken. `folder` has them in `files.json`, and marks of those that are taken. */
export async function runLane(folder: string): Promise<void> {
  let current: string | undefined
  process.on('exit', () => {
    if (current !== undefined) process.stderr.write(`the process has ended in the midst of ${current}\n`)
  })
  await test('a lane', (t) => forgetHooks(Object.getPrototypeOf(t)))
  const files: string[] = JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) // written by run.ts
  for (const [i, file] of files.entries()) {
    if (!takes(join(folder, String(i)))) continue
    current = file
    const timer = setTimeout(() => giveUp(file), FILE_MS)
    const before = process.cpuUsage()
    const failure = await import(pathToFileURL(file).href).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    await test(`${END_OF}${file}`, (t) => {
      if (failure) throw failure.error
      const { user, system } = process.cpuUsage(before)
      t.diagnostic(`${((user + system) / 1_000_000).toFixed(2)} s of processor time`)
    })
    clearTimeout(timer)
    current = undefined
  }
}

/**
 * node:test (26.10) keeps every hook until the process ends, and with it all that the hook sees: the desk of each test, megabytes each.
 * Here a hook forgets its work once that is done.
 */
function forgetHooks(context: Pick<TestContext, 'after'>): void {
  const after = context.after
  context.after = function (work, options) {
    let due = work
    after.call(
      this,
      () => {
        const now = due
        due = undefined
        return now?.call(this, this as TestContext, () => {})
      },
      options,
    )
  }
}

/** Makes a mark; whether it was not there yet. */
function takes(mark: string): boolean {
  try {
    closeSync(openSync(mark, 'wx'))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function giveUp(file: string): never {
  process.stderr.write(`${file} has not ended after ${FILE_MS / 1000} s\n`)
  process.exit(1)
}

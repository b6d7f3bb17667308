import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'

/**
 * Hands one stream to several readers at the pace of the slowest; answers how each came out, in the order of `readers`. One that
 * fails does not stop the others. Where the stream itself breaks off, every reader's breaks off with it.
 */
export async function pour<T>(
  source: Readable,
  { before, readers }: { before: (i: number) => string; readers: readonly ((content: Readable) => Promise<T>)[] },
): Promise<PromiseSettledResult<T>[]> {
  const branches = readers.map((_, i) => {
    const branch = new PassThrough()
    branch.on('error', () => {})
    branch.write(before(i))
    return branch
  })
  const reading = readers.map(async (read, i) => {
    const branch = branches[i] ?? new PassThrough()
    try {
      return await read(branch)
    } finally {
      // Whoever reads no more must not keep the others waiting.
      branch.destroy()
    }
  })
  const outcome = Promise.allSettled(reading)
  try {
    for await (const chunk of source) await Promise.all(branches.map((branch) => push(branch, chunk)))
    for (const branch of branches) if (!branch.destroyed) branch.end()
  } catch (error) {
    for (const branch of branches) branch.destroy(error instanceof Error ? error : new Error('the mail broke off'))
  }
  return outcome
}

async function push(branch: PassThrough, chunk: Buffer): Promise<void> {
  if (branch.destroyed || branch.write(chunk)) return
  const settled = new AbortController()
  await Promise.race(['drain', 'close', 'error'].map((event) => once(branch, event, { signal: settled.signal }).catch(() => {})))
  settled.abort()
}

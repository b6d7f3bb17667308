import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { createWorker } from './worker.ts'

test('what a request wakes does not run within the request', async (t) => {
  const request = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const run = async () => {
    seen.push(request.getStore())
    return false
  }
  const worker = createWorker({ run, pollMs: 60_000, onError: assert.ifError })
  t.after(worker.stop)

  request.run('a request', worker.wake)
  await worker.settle()

  assert.ok(seen.length > 0)
  assert.ok(seen.every((one) => one === undefined))
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createThreads, type Failure } from './threads.ts'

// What the threads of these tests do: say which thread they are, work on and on, fail, or take memory.
const source = `
import { threadId } from 'node:worker_threads'
import { serveTasks } from '${new URL('./threads.ts', import.meta.url).href}'
serveTasks(({ say, forever, fail, memory }) => {
  while (forever);
  if (fail) throw new Error(fail)
  const taken = []
  while (memory) taken.push(new Array(100_000).fill(taken.length))
  return { say, threadId, secrets: Object.keys(process.env) }
})`
const entry = new URL(`data:text/javascript,${encodeURIComponent(source)}`)

interface Task {
  say?: string
  forever?: boolean
  fail?: string
  memory?: boolean
}

function open(t: TestContext, options: Partial<Parameters<typeof createThreads>[0]> = {}) {
  const failures: Failure[] = []
  const threads = createThreads<Task, { say: string; threadId: number; secrets: string[] }>({
    entry,
    size: 2,
    taskMs: 20_000,
    waitMs: 20_000,
    queueMax: 100,
    memoryMb: 64,
    onFailure: (failure) => failures.push(failure),
    ...options,
  })
  t.after(() => threads.close())
  return { threads, failures }
}

test('each task gets its own result, from no more threads than there may be', async (t) => {
  const { threads, failures } = open(t)

  const results = await Promise.all(Array.from({ length: 50 }, (_, i) => threads.run({ say: `task ${i}` })))

  assert.deepEqual(
    results.map((result) => result?.say),
    Array.from({ length: 50 }, (_, i) => `task ${i}`),
  )
  assert.ok(new Set(results.map((result) => result?.threadId)).size <= 2)
  assert.deepEqual(failures, [])
})

test('a thread knows none of the settings and secrets of the process', async (t) => {
  const { threads } = open(t)

  const result = await threads.run({ say: 'hello' })

  assert.deepEqual(result?.secrets, [])
})

test('a task that takes too long ends, and the next one is done by a new thread', async (t) => {
  const { threads, failures } = open(t, { size: 1, taskMs: 200 })

  const [slow, next] = await Promise.all([threads.run({ forever: true }), threads.run({ say: 'next' })])

  assert.equal(slow, null)
  assert.equal(next?.say, 'next')
  assert.deepEqual(failures, ['too_slow'])
})

test('a task that fails, or takes all memory, harms no other', async (t) => {
  const { threads, failures } = open(t, { size: 1 })

  const [failed, greedy, next] = await Promise.all([
    threads.run({ fail: 'on purpose' }),
    threads.run({ memory: true }),
    threads.run({ say: 'next' }),
  ])

  assert.deepEqual([failed, greedy, next?.say], [null, null, 'next'])
  assert.deepEqual(failures, ['crashed', 'crashed'])
})

test('more tasks than may wait are refused at once, and none waits longer than it may', async (t) => {
  const { threads, failures } = open(t, { size: 1, taskMs: 1500, waitMs: 500, queueMax: 2 })
  const first = threads.run({ forever: true })
  while ((await Promise.race([first, sleep(10, 'running')])) !== 'running');

  const results = await Promise.all([first, threads.run({ say: 'a' }), threads.run({ say: 'b' }), threads.run({ say: 'c' })])

  assert.deepEqual(results, [null, null, null, null])
  assert.deepEqual(failures.slice(0, 2), ['busy', 'busy'])
  assert.equal(failures.length, 4)
})

test('threads that cannot start fail the tasks that wait for them', async (t) => {
  const { threads, failures } = open(t, { entry: new URL('data:text/javascript,throw new Error("no")') })

  assert.deepEqual(await Promise.all([threads.run({ say: 'a' }), threads.run({ say: 'b' })]), [null, null])
  assert.deepEqual(failures, ['crashed', 'crashed'])
})

test('a thread that has nothing to do for a while ends, and one starts again when there is', async (t) => {
  const { threads } = open(t, { size: 1, idleMs: 20 })
  const first = await threads.run({ say: 'first' })
  while ((await threads.run({ say: 'again' }))?.threadId === first?.threadId) await sleep(50)

  const last = await threads.run({ say: 'last' })

  assert.equal(last?.say, 'last')
  assert.notEqual(last?.threadId, first?.threadId)
})

test('closing ends what is under way', async (t) => {
  const { threads, failures } = open(t, { size: 1 })
  const tasks = [threads.run({ forever: true }), threads.run({ say: 'waits' })]

  await threads.close()

  assert.deepEqual(await Promise.all(tasks), [null, null])
  assert.deepEqual(failures, ['closed', 'closed'])
  assert.equal(await threads.run({ say: 'late' }), null)
})

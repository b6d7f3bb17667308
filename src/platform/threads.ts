import { parentPort, type Transferable, Worker } from 'node:worker_threads'

/** Why a task has no result. */
export type Failure = 'busy' | 'too_slow' | 'crashed' | 'closed'

/** Threads that do work which would keep everybody else waiting. */
export interface Threads<Task, Result> {
  /** The result of a task; null where it could not be had within the limits, which is told beforehand by `onFailure`. */
  run(task: Task): Promise<Result | null>
  /** Ends the threads; tasks that are under way have no result. */
  close(): Promise<void>
}

interface Job<Task, Result> {
  task: Task
  resolve(result: Result | null): void
  timer: NodeJS.Timeout
}

interface Thread<Task, Result> {
  worker: Worker
  exited: Promise<void>
  state: 'starting' | 'idle' | 'busy' | 'ending'
  job: Job<Task, Result> | undefined
  idleTimer: NodeJS.Timeout | undefined
}

const READY = 'ready'

/**
 * Work of a thread: answers each task that its owner sends, one at a time. An error ends the thread. What `transfer` names of a result
 * is handed over and not copied.
 */
export function serveTasks<Task, Result>(
  work: (task: Task) => Result | Promise<Result>,
  transfer: (result: Result) => readonly Transferable[] = () => [],
): void {
  parentPort?.on('message', async (task: Task) => {
    const result = await work(task)
    parentPort?.postMessage({ result }, [...transfer(result)])
  })
  parentPort?.postMessage(READY)
}

/**
 * Up to `size` threads that run the file `entry`, which calls `serveTasks`. One starts when there is something to do, and ends
 * when there was nothing for a while. A task that takes longer than `taskMs`, or more than `memoryMb`, ends with its thread;
 * one that waits longer than `waitMs` is given up, and no more than `queueMax` wait.
 */
export function createThreads<Task, Result>({
  entry,
  size,
  taskMs,
  waitMs,
  queueMax,
  memoryMb,
  idleMs = 60_000,
  transfer = () => [],
  onFailure,
}: {
  entry: URL
  size: number
  taskMs: number
  waitMs: number
  queueMax: number
  memoryMb: number
  idleMs?: number
  /** What of a task is handed over and not copied: it is gone here. */
  transfer?: (task: Task) => readonly Transferable[]
  onFailure: (failure: Failure, error: unknown, task: Task) => void
}): Threads<Task, Result> {
  const waiting = new Set<Job<Task, Result>>()
  const threads = new Set<Thread<Task, Result>>()
  let closed = false

  const fail = (job: Job<Task, Result>, failure: Failure, error?: unknown): void => {
    clearTimeout(job.timer)
    waiting.delete(job)
    onFailure(failure, error, job.task)
    job.resolve(null)
  }

  const end = (thread: Thread<Task, Result>): Promise<void> => {
    thread.state = 'ending'
    clearTimeout(thread.idleTimer)
    void thread.worker.terminate()
    return thread.exited
  }

  const give = (thread: Thread<Task, Result>, job: Job<Task, Result>): void => {
    waiting.delete(job)
    clearTimeout(job.timer)
    clearTimeout(thread.idleTimer)
    thread.state = 'busy'
    thread.job = job
    job.timer = setTimeout(() => {
      thread.job = undefined
      void end(thread)
      fail(job, 'too_slow')
    }, taskMs)
    thread.worker.postMessage(job.task, [...transfer(job.task)])
  }

  const rest = (thread: Thread<Task, Result>): void => {
    thread.state = 'idle'
    thread.idleTimer = setTimeout(() => void end(thread), idleMs)
    // A thread that waits keeps no process alive; a task does, by its timer.
    thread.idleTimer.unref()
    next()
  }

  const start = (): void => {
    const worker = new Worker(entry, {
      // It needs none of the process's settings and secrets.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: Math.ceil(memoryMb / 4) },
    })
    worker.unref()
    const { promise: exited, resolve: onExit } = Promise.withResolvers<void>()
    const thread: Thread<Task, Result> = { worker, exited, state: 'starting', job: undefined, idleTimer: undefined }
    threads.add(thread)
    let failure: unknown
    worker.on('error', (error) => {
      failure = error
    })
    worker.on('message', (message: typeof READY | { result: Result }) => {
      if (thread.state === 'ending') return
      if (message !== READY && thread.job) {
        clearTimeout(thread.job.timer)
        thread.job.resolve(message.result)
        thread.job = undefined
      }
      rest(thread)
    })
    worker.on('exit', () => {
      threads.delete(thread)
      clearTimeout(thread.idleTimer)
      if (thread.job) fail(thread.job, 'crashed', failure)
      // What cannot even start would be started again and again.
      if (thread.state === 'starting') for (const job of waiting) fail(job, 'crashed', failure)
      onExit()
      next()
    })
  }

  const next = (): void => {
    if (closed) return
    for (const thread of threads) {
      const [job] = waiting
      if (!job) return
      if (thread.state === 'idle') give(thread, job)
    }
    const starting = Array.from(threads).filter(({ state }) => state === 'starting').length
    if (waiting.size > starting && threads.size < size) start()
  }

  return {
    run: (task) =>
      new Promise((resolve) => {
        const job: Job<Task, Result> = { task, resolve, timer: setTimeout(() => fail(job, 'busy'), waitMs) }
        if (closed) return fail(job, 'closed')
        if (waiting.size >= queueMax) return fail(job, 'busy')
        waiting.add(job)
        next()
      }),
    close: async () => {
      closed = true
      for (const job of waiting) fail(job, 'closed')
      await Promise.all(
        Array.from(threads, (thread) => {
          const { job } = thread
          thread.job = undefined
          if (job) fail(job, 'closed')
          return end(thread)
        }),
      )
    },
  }
}

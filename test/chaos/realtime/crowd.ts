// Many connections in other processes, as the measuring process sees them.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Kind } from './stream.ts'

/** What a crowd is told to do. */
export type Order =
  | {
      id: number
      do: 'open'
      count: number
      kinds: Kind[]
      url: string
      tokens: string[]
      topics: string[]
      /** Where they come from: not the node's address, or one of them might take its port while it is away. */
      addresses: string[]
      /** Takes messages as bytes, which costs less; then nobody resumes. */
      raw: boolean
      /** Reads nothing after `ready`. */
      deaf: boolean
    }
  /** Says when everybody has heard a text. */
  | { id: number; do: 'mark'; number: number; text: string; withinMs: number }
  | { id: number; do: 'cut' }
  /** Says when everybody is on line. */
  | { id: number; do: 'ready'; withinMs: number }

export interface Answer {
  id: number
  /** How many. */
  count: number
  /** When the last one was, in milliseconds of `performance.timeOrigin + performance.now()`. */
  at: number
  /** Why lines ended, and how often. */
  ends: Record<string, number>
}

type Without<T> = T extends unknown ? Omit<T, 'id'> : never
export type Crowd = ReturnType<typeof openCrowd>

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** A process of its own that holds many connections. */
export function openCrowd() {
  const child = fork(join(import.meta.dirname, 'crowd-process.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  children.add(child)
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()
  let orders = 0
  let marks = 0
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.resolve(answer)
    waiting.delete(answer.id)
  })
  child.on('exit', () => {
    children.delete(child)
    for (const { reject } of waiting.values()) reject(new Error('a crowd is gone'))
  })
  const expect = (id: number): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting.set(id, { resolve, reject })
    return promise
  }
  const tell = (order: Without<Order>): Promise<Answer> => {
    const id = ++orders
    child.send({ ...order, id })
    return expect(id)
  }
  return {
    open: (order: Omit<Extract<Order, { do: 'open' }>, 'id' | 'do'>) => tell({ ...order, do: 'open' }),
    /** Resolves when it listens for the text; `heard` when everybody has heard it, or the time is over. */
    mark: async (text: string, withinMs: number): Promise<{ heard: Promise<Answer> }> => {
      const heard = tell({ do: 'mark', number: ++marks, text, withinMs })
      heard.catch(() => {})
      await expect(-orders)
      return { heard }
    },
    cut: () => tell({ do: 'cut' }),
    ready: (withinMs: number) => tell({ do: 'ready', withinMs }),
    close: () => child.disconnect(),
  }
}

// Many connections that only listen, in a process of their own. Started by crowd.ts, which tells it what to do.
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer, Order } from './crowd.ts'
import { type Frame, type Kind, openStream, type Stream } from './stream.ts'

interface Listener {
  kind: Kind
  token: string
  topics: readonly string[]
  stream: Stream | undefined
  cursor: number | undefined
  /** Whether it was told `ready` on this line. */
  isReady: boolean
  /** The mark that it heard last. */
  mark: number
}

const IN_FLIGHT = 100
const TRIES = 120

const listeners: Listener[] = []
const failures = new Map<string, number>()
let url = ''
let isRaw = false
let isDeaf = false
let mark: { number: number; text: Buffer; count: number; lastAt: number; wanted: number; done: () => void } | undefined
let ready = 0
let onReady: (() => void) | undefined

const clock = (): number => performance.timeOrigin + performance.now()

function hear(listener: Listener): void {
  if (!mark || listener.mark === mark.number) return
  listener.mark = mark.number
  mark.lastAt = clock()
  if (++mark.count >= mark.wanted) mark.done()
}

function nowReady(listener: Listener): void {
  if (listener.isReady) return
  listener.isReady = true
  ready++
  if (isDeaf) listener.stream?.pause()
  onReady?.()
}

function takeMessage(listener: Listener, message: Buffer): void {
  if (!listener.isReady && message.subarray(0, 40).includes('ready')) nowReady(listener)
  else if (mark && message.includes(mark.text)) hear(listener)
}

function takeFrame(listener: Listener, frame: Frame): void {
  const position = frame.type === 'event' ? frame.event.position : frame.position
  if (Number.isInteger(position)) listener.cursor = Math.max(listener.cursor ?? 0, position)
  if (frame.type === 'ready') nowReady(listener)
  else if (mark && frame.type === 'event' && String(frame.event.object?.body).includes(mark.text.toString())) hear(listener)
}

/** Resolves when it is ready, or refused. */
function connect(listener: Listener, address: string, tries = 0): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const onMessage = (message: Buffer): void => {
    takeMessage(listener, message)
    resolve()
  }
  listener.stream = openStream({
    ...{ url, kind: listener.kind, token: listener.token, topics: listener.topics, localAddress: address },
    ...(isRaw ? { onMessage } : {}),
    after: listener.cursor,
    onFrame: (frame) => {
      takeFrame(listener, frame)
      resolve()
    },
    onEnd: (why) => {
      const isBack = !listener.isReady
      if (listener.isReady) {
        listener.isReady = false
        ready--
      }
      resolve()
      const reason = why.slice(0, 80)
      failures.set(reason, (failures.get(reason) ?? 0) + 1)
      // A dead reader does not know that it was dropped.
      if (isDeaf || tries > TRIES) return
      void wait(isBack ? 100 + Math.random() * 200 : Math.random() * 1000).then(() =>
        connect(listener, address, isBack ? tries + 1 : 0),
      )
    },
  })
  return promise
}

async function open(order: Extract<Order, { do: 'open' }>): Promise<void> {
  url = order.url
  isRaw = order.raw
  isDeaf = order.deaf
  const queue = Array.from({ length: order.count }, (_, i): Listener => {
    const token = order.tokens[i % order.tokens.length] ?? ''
    const kind = order.kinds[Math.floor(i / order.tokens.length) % order.kinds.length] ?? 'web socket'
    return { kind, token, topics: order.topics, stream: undefined, cursor: undefined, isReady: false, mark: 0 }
  })
  listeners.push(...queue)
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop())
      await connect(next, order.addresses[queue.length % order.addresses.length] ?? '127.0.0.1')
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}

function answer(value: Answer): void {
  process.send?.(value)
}

/** Resolves when something holds, which `set` is told to look at, or after so many milliseconds. */
async function within(ms: number, start: (done: () => void) => void): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  start(() => resolve(true))
  const timer = setTimeout(() => resolve(false), ms)
  const held = await promise
  clearTimeout(timer)
  return held
}

async function obey(order: Order): Promise<void> {
  const { id } = order
  switch (order.do) {
    case 'open':
      await open(order)
      return answer({ id, count: ready, at: clock(), ends: Object.fromEntries(failures) })
    case 'mark': {
      await within(order.withinMs, (done) => {
        mark = { number: order.number, text: Buffer.from(order.text), count: 0, lastAt: 0, wanted: listeners.length, done }
        answer({ id: -id, count: 0, at: clock(), ends: {} })
      })
      return answer({ id, count: mark?.count ?? 0, at: mark?.lastAt ?? 0, ends: Object.fromEntries(failures) })
    }
    case 'cut':
      failures.clear()
      for (const { stream } of listeners) stream?.cut()
      return answer({ id, count: listeners.length, at: clock(), ends: {} })
    case 'ready':
      await within(order.withinMs, (done) => {
        onReady = () => {
          if (ready >= listeners.length) done()
        }
        onReady()
      })
      onReady = undefined
      return answer({ id, count: ready, at: clock(), ends: Object.fromEntries(failures) })
  }
}

process.on('message', (order: Order) => {
  obey(order).catch((error) => {
    console.error(error)
    process.exit(1)
  })
})
process.on('disconnect', () => process.exit(0))

import { randomInt, randomUUID } from 'node:crypto'
import { createClient } from '@redis/client'
import type { Bus } from './bus.ts'
import type { Logger } from './log.ts'

const CONNECT_MS = 3_000
const LONGEST_PAUSE_MS = 2_000
const LARGEST_BYTES = 65_536
/** How much may be on its way to a server that does not answer. */
const OWED_BYTES = 1_048_576

type Hear = (message: unknown) => void

/**
 * A bus over the publish/subscribe of Redis or Valkey. It connects, and connects again, for ever, and tells of an outage once. A
 * server that says nothing for `silenceMs`, though it is asked every `pingMs`, counts as away.
 */
export function openRedisBus({
  url,
  installation,
  log,
  pingMs = 3_000,
  silenceMs = 10_000,
}: {
  url: string
  installation: string
  log: Logger
  pingMs?: number
  silenceMs?: number
}): Bus {
  const node = randomUUID()
  const hearers = new Map<string, Set<Hear>>()
  const calls: (() => void)[] = []
  // Who subscribes can do nothing else on the same connection.
  const [publisher, subscriber] = [openClient(), openClient()]
  let [isAway, isTold, isListening, isClosed] = [true, false, false, false]
  let owed = 0

  const name = (channel: string): string => `beckon:${installation}:${channel}`

  const tell = (err: unknown): void => {
    if (isTold || isClosed) return
    isTold = true
    log.warn({ err }, 'Redis does not serve: nodes hear of each other by the database alone until it does')
  }
  const fail = (err: unknown): void => {
    isAway = true
    tell(err)
  }
  const greet = (): void => {
    if (!isAway || isClosed || !isListening || !publisher.isReady) return
    isAway = false
    if (isTold) log.info('Redis serves again')
    isTold = false
    for (const call of calls) guarded(call)
  }
  const guarded = (call: () => void): void => {
    try {
      call()
    } catch (err) {
      log.error({ err }, 'news of other nodes could not be taken in')
    }
  }
  const hear = (bytes: Buffer, named: Buffer): void => {
    const said = bytes.length > LARGEST_BYTES ? undefined : readEnvelope(bytes)
    if (said === undefined || said.node === node) return
    for (const each of hearers.get(named.toString()) ?? []) guarded(() => each(said.message))
  }

  publisher.on('error', fail)
  publisher.on('ready', greet)
  subscriber.on('error', (error) => {
    isListening = false
    fail(error)
  })
  subscriber.on('ready', () => {
    const names = [...hearers.keys()]
    const subscribed = names.length === 0 ? Promise.resolve() : subscriber.subscribe(names, hear, true)
    subscribed.then(() => {
      isListening = true
      greet()
    }, fail)
  })
  // They end only when they are closed.
  for (const client of [publisher, subscriber]) client.connect().catch(() => {})

  return {
    publish(channel, message) {
      if (isAway || isClosed) return
      const text = toEnvelope({ node, message })
      const size = Buffer.byteLength(text)
      if (text === '' || size > LARGEST_BYTES || owed + size > OWED_BYTES) return
      owed += size
      publisher
        .publish(name(channel), text)
        .catch(tell)
        .finally(() => {
          owed -= size
        })
    },
    subscribe(channel, own) {
      const named = name(channel)
      const others = hearers.get(named)
      hearers.set(named, (others ?? new Set()).add(own))
      if (!others && subscriber.isReady) subscriber.subscribe(named, hear, true).catch(tell)
      return () => void hearers.get(named)?.delete(own)
    },
    onReconnect: (call) => void calls.push(call),
    close: async () => {
      isClosed = true
      for (const client of [publisher, subscriber]) client.destroy()
    },
  }

  function openClient() {
    return createClient({
      url,
      // Every version of every server speaks it, and nothing of the newer one is needed.
      RESP: 2,
      maintNotifications: 'disabled',
      disableClientInfo: true,
      // What is said while nobody hears it is old when somebody does.
      disableOfflineQueue: true,
      pingInterval: pingMs,
      socket: {
        connectTimeout: CONNECT_MS,
        socketTimeout: silenceMs,
        reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, LONGEST_PAUSE_MS) + randomInt(100),
      },
    })
  }

  function toEnvelope(envelope: { node: string; message: unknown }): string {
    try {
      return JSON.stringify(envelope)
    } catch (err) {
      log.error({ err }, 'what should be said to other nodes is no JSON')
      return ''
    }
  }
}

/** What a node said; undefined for what none of ours would say. */
function readEnvelope(bytes: Buffer): { node: string; message: unknown } | undefined {
  try {
    const said: unknown = JSON.parse(bytes.toString())
    if (typeof said !== 'object' || said === null || !('node' in said) || !('message' in said)) return undefined
    return typeof said.node === 'string' ? { node: said.node, message: said.message } : undefined
  } catch {
    return undefined
  }
}
